package org.mailrelay.core.tls;

import java.util.List;

/// What to do once the handshake has ended.
public sealed interface AfterHandshake {
    /// Use the channel. `noted` are observed checks that failed: logged, otherwise without effect.
    record Proceed(boolean authenticated, List<CheckResult.Failed> noted) implements AfterHandshake {
        public Proceed {
            noted = List.copyOf(noted);
        }
    }

    /// Leave this connection, remember it, and go on with the host one step down: at once where that step stays encrypted, in a
    /// later attempt where it does not (RFC 7435 §3).
    record StepDown(TlsFault why, LadderStep next) implements AfterHandshake {}

    /// Leave this host for now. `broken` is what is wrong, never empty.
    record Abandon(List<TlsFault> broken) implements AfterHandshake {
        public Abandon {
            broken = List.copyOf(broken);
            if (broken.isEmpty()) {
                throw new IllegalArgumentException("abandoned without a reason");
            }
        }
    }
}
