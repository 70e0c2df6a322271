package org.mailrelay.core.path;

import java.time.Instant;

/// How the way out of one source address stands.
public sealed interface PathState {
    record Trusted() implements PathState {}

    /// Opportunistic mail waits.
    ///
    /// @param until then at the latest it goes as its policy says
    record Suspected(Instant since, Instant until) implements PathState {}

    /// It has waited as long as it may; the path is no better.
    record GivenUp(Instant since) implements PathState {}
}
