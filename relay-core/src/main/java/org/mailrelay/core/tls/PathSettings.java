package org.mailrelay.core.tls;

import java.time.Duration;

/// When changes at many mail hosts are taken for one change on our own path.
///
/// @param hosts  so many unrelated hosts
/// @param within change in so short a time
/// @param hold   so long mail that might go in the clear waits
public record PathSettings(int hosts, Duration within, Duration hold) {

    public static final PathSettings STANDARD = new PathSettings(5, Duration.ofMinutes(10), Duration.ofMinutes(30));

    public PathSettings {
        if (hosts < 2) {
            throw new IllegalArgumentException("an alarm at " + hosts + " hosts");
        }
    }
}
