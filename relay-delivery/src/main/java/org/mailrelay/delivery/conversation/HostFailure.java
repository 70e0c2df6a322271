package org.mailrelay.delivery.conversation;

import java.util.List;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// Why a connection came to nothing before mail could be sent: a fact of the host, no message's fault. All are temporary.
public sealed interface HostFailure {

    /// For `details:` of the connection error line.
    String words();

    /// No connection: refused, unreachable, timed out, no such source address.
    record Unreachable(String words) implements HostFailure {}

    /// The connection ended or went silent.
    record Lost(Stage stage, String detail) implements HostFailure {
        @Override
        public String words() {
            return detail + " while " + stage.words();
        }
    }

    /// The host said no.
    record Refused(Stage stage, Reply reply) implements HostFailure {
        @Override
        public String words() {
            return reply.code() + "-'" + reply.text() + "'";
        }
    }

    /// The replies went out of step or broke their framing.
    record OutOfStep(Stage stage, String detail) implements HostFailure {
        @Override
        public String words() {
            return detail + " while " + stage.words();
        }
    }

    /// TLS policy forbids this host now.
    ///
    /// @param remember a handshake failed and a later attempt may go in the clear: keep it in the host's memory
    record AgainstPolicy(List<TlsReason> reasons, TlsRule rule, boolean remember) implements HostFailure {
        public AgainstPolicy {
            reasons = List.copyOf(reasons);
        }

        @Override
        public String words() {
            return String.join(", ", reasons.stream().map(TlsReason::words).toList());
        }
    }
}
