package org.mailrelay.core.settings;

import java.time.Duration;

/// How long and how often delivery is tried, and what a bounce carries of the message.
///
/// @param maxRetries tries after the first; a try is one in which MAIL was sent, a host that cannot be reached uses up none
public record BounceProfile(String name, int maxRetries, Duration maxTimeInQueue, Duration initialRetry, Duration maxRetry, Original original) {

    /// What of the message a DSN returns (RFC 3462).
    public enum Original { HEADERS, FULL, NONE }

    public static final BounceProfile DEFAULT =
            new BounceProfile("default", 100, Duration.ofHours(72), Duration.ofSeconds(60), Duration.ofHours(1), Original.HEADERS);

    public BounceProfile {
        if (initialRetry.compareTo(maxRetry) > 0) {
            throw new IllegalArgumentException("initial_retry (" + initialRetry + ") is longer than max_retry (" + maxRetry + ")");
        }
    }
}
