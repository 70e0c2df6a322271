package org.mailrelay.core.tls;

import java.util.List;
import java.util.stream.Stream;

/// How a handshake ended.
public sealed interface HandshakeResult {
    /// The channel is encrypted; every check of the requirement has a result.
    record Completed(List<CheckResult> enforced, List<CheckResult> observed) implements HandshakeResult {
        public Completed {
            enforced = List.copyOf(enforced);
            observed = List.copyOf(observed);
        }

        /// A check of the peer was made and has passed.
        public boolean verified() {
            return Stream.concat(enforced.stream(), observed.stream()).anyMatch(CheckResult.Passed.class::isInstance);
        }
    }

    /// No channel came to be.
    ///
    /// @param ofCertificate the peer's alert names a certificate (ours): another way to shake hands would not help
    record Failed(String detail, boolean ofCertificate) implements HandshakeResult {
        public Failed(String detail) {
            this(detail, false);
        }
    }
}
