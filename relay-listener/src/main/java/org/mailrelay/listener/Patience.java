package org.mailrelay.listener;

import java.util.concurrent.TimeUnit;

/// Measures how long a client has kept us waiting. One event loop's own; times are that of a clock that only rises, in nanoseconds.
final class Patience {

    private final long command;
    private final long message;
    private final long octetsPerSecond;
    private long since;
    private long sinceMessage;
    private long lastOctet;
    private long octets;
    private boolean content;

    Patience(SessionLimits limits, long now) {
        this.command = limits.command().toNanos();
        this.message = limits.message().toNanos();
        this.octetsPerSecond = limits.octetsPerSecond();
        this.since = now;
        this.sinceMessage = now;
    }

    /// A reply went out, and a command is awaited.
    void commandAwaited(long now) {
        content = false;
        since = now;
    }

    /// A message was taken.
    void messageTaken(long now) {
        sinceMessage = now;
    }

    /// Content is to follow.
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
        long ofThis = content ? Math.min(lastOctet + command, since + command + octets * TimeUnit.SECONDS.toNanos(1) / octetsPerSecond) : since + command;
        return Math.min(ofThis, sinceMessage + message);
    }

    boolean inContent() {
        return content;
    }
}
