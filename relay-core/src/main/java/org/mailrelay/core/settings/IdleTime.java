package org.mailrelay.core.settings;

import java.time.Duration;

/// How long an outbound connection without mail is kept: what took long to open is worth keeping for longer.
///
/// @param least for a connection that opens at once
/// @param most  at least as long as `least`
public record IdleTime(Duration least, Duration most) {

    public static final IdleTime AUTO = new IdleTime(Duration.ofSeconds(5), Duration.ofSeconds(30));

    /// Opening again costs at most this part of the time for which the connection was there for nothing.
    private static final int SHARE = 40;

    public IdleTime {
        if (least.isNegative() || most.compareTo(least) < 0) {
            throw new IllegalArgumentException("idle for " + least + " to " + most);
        }
    }

    /// Whatever opening costs.
    public static IdleTime exactly(Duration time) {
        return new IdleTime(time, time);
    }

    /// @param opening from the first SYN to the last EHLO reply
    public Duration after(Duration opening) {
        Duration worth = opening.compareTo(most) > 0 ? most : opening.multipliedBy(SHARE);
        return worth.compareTo(least) < 0 ? least : worth.compareTo(most) > 0 ? most : worth;
    }
}
