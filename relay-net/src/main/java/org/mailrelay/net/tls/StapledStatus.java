package org.mailrelay.net.tls;

import java.time.Instant;

/// What an OCSP response that came with the handshake says of the host's certificate (RFC 6066 §8). Only a revocation counts: most hosts staple nothing, and one
/// whose response cannot be used is taken as one that staples nothing.
public sealed interface StapledStatus {
    record Absent() implements StapledStatus {}

    record Good(Instant thisUpdate) implements StapledStatus {}

    record Revoked(Instant at) implements StapledStatus {}

    /// @param why it says nothing: of another certificate, out of date, signed by nobody we know, no response at all
    record Unusable(String why) implements StapledStatus {}

    /// For reading.
    default String words() {
        return switch (this) {
            case Absent _ -> "none";
            case Good(var thisUpdate) -> "good as of " + thisUpdate;
            case Revoked(var at) -> "revoked since " + at;
            case Unusable(String why) -> "not used: " + why;
        };
    }
}
