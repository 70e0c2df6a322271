package org.mailrelay.delivery.conversation;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// Why a connection came to nothing before mail could be sent: no message's fault, and but for [Local] a fact of the host. All are temporary.
public sealed interface HostFailure {

    /// For `details:` of the connection error line.
    String words();

    /// No connection: refused, unreachable, timed out.
    record Unreachable(String words) implements HostFailure {}

    /// It never left this machine: the source address is not ours to use, or ports, descriptors or memory of the system ran out.
    ///
    /// @param from the source address that was asked for; empty where the system chose
    record Local(String why, String from) implements HostFailure {
        @Override
        public String words() {
            return from.isEmpty() ? why : why + " from " + from;
        }
    }

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

    /// The host that DNS named says that it is us: mail given to it would come back (R-LOOP-3).
    record Loop(String name) implements HostFailure {
        @Override
        public String words() {
            return "mail loops back: the host answers EHLO with our own name " + name;
        }
    }

    /// TLS policy forbids this host now.
    ///
    /// @param next a handshake failed, and the ladder goes on: keep it in the host's memory
    record AgainstPolicy(List<TlsFault> faults, TlsRule rule, Optional<LadderStep> next) implements HostFailure {
        public AgainstPolicy {
            faults = List.copyOf(faults);
        }

        public List<TlsReason> reasons() {
            return faults.stream().map(TlsFault::why).toList();
        }

        @Override
        public String words() {
            return String.join(", ", faults.stream().map(TlsFault::words).toList());
        }
    }
}
