package org.mailrelay.core.path;

/// What is to be thought of one showing.
public sealed interface PathVerdict {
    record Trusted() implements PathVerdict {}

    /// What this host shows may be what somebody between us and everybody shows.
    ///
    /// @param words since when, and from which of our addresses; the same for as long as it lasts
    record Suspected(String words) implements PathVerdict {}
}
