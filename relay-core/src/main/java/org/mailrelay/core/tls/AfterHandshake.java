package org.mailrelay.core.tls;

import java.util.List;

/// What to do once the handshake has ended.
public sealed interface AfterHandshake {
    /// Use the channel. `noted` are observed checks that failed: logged, otherwise without effect.
    record Proceed(boolean authenticated, List<CheckResult> noted) implements AfterHandshake {
        public Proceed {
            noted = List.copyOf(noted);
        }
    }

    /// Leave this host for now and remember it: a later attempt, on a new connection, may go in the clear (RFC 7435 §3).
    record PlaintextLater(TlsReason why) implements AfterHandshake {}

    /// Leave this host for now. `broken` are the reasons, never empty.
    record Abandon(List<TlsReason> broken) implements AfterHandshake {
        public Abandon {
            broken = List.copyOf(broken);
            if (broken.isEmpty()) {
                throw new IllegalArgumentException("abandoned without a reason");
            }
        }
    }
}
