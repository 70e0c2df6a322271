package org.mailrelay.listener;

import java.util.concurrent.TimeUnit;

/// Measures how long a client has kept us waiting. One event loop's own; times are that of a clock that only rises, in nanoseconds.
final class Patience {

    private final long command;
    private final long octetsPerSecond;
    private long since;
    private long lastOctet;
    private long octets;
    private boolean content;

    Patience(SessionLimits limits, long now) {
        this.command = limits.command().toNanos();
        this.octetsPerSecond = limits.octetsPerSecond();
        this.since = now;
    }

    /// A reply went out, and a command is awaited.
    void commandAwaited(long now) {
        content = false;
        since = now;
    }

    /// 354 went out.
    void contentAwaited(long now) {
        content = true;
        since = now;
        lastOctet = now;
        octets = 0;
    }

    void contentCame(long count, long now) {
        octets += count;
        lastOctet = now;
    }

    /// When patience ends if nothing further comes.
    long deadline() {
        if (!content) {
            return since + command;
        }
        return Math.min(lastOctet + command, since + command + octets * TimeUnit.SECONDS.toNanos(1) / octetsPerSecond);
    }

    boolean inContent() {
        return content;
    }
}
