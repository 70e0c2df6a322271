package org.mailrelay.core.delivery;

import java.time.Duration;

/// Tells a clock that was set from time that passed, by a second clock that nobody sets.
///
/// A clock that is wrong by days, and is put right, must neither end the time of all mail at once nor let it wait for days (RFC 5321 §4.5.4.1 counts time
/// that passes). Small differences are followed: a clock that is kept right by the network drifts and is corrected all the time.
public final class ClockJump {

    /// From this on it is no drift.
    public static final Duration LEAST = Duration.ofMinutes(10);

    private ClockJump() {
    }

    /// @param wallMillis   by how much the wall clock moved between two looks at both
    /// @param passedMillis what passed between them
    /// @return milliseconds that it was set forward, negative back; 0 when it was not set
    public static long between(long wallMillis, long passedMillis) {
        long set = wallMillis - passedMillis;
        return Math.abs(set) < LEAST.toMillis() ? 0 : set;
    }
}
