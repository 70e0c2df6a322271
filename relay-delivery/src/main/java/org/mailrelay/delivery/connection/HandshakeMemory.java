package org.mailrelay.delivery.connection;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;

/// Hosts with which a handshake failed lately, and with which an opportunistic policy may go on in the clear. Any thread.
///
/// Kept in memory only: after a restart TLS is tried again. Only failures of [org.mailrelay.delivery.conversation.HostFailure.AgainstPolicy]
/// with `remember` belong here; what it says counts for levels that promise nothing, and for no other.
public final class HandshakeMemory {

    private static final int HOSTS = 10_000;

    private final ConcurrentHashMap<String, Instant> until = new ConcurrentHashMap<>();
    private final Duration life;
    private final InstantSource clock;

    /// @param life how long a failure counts; then TLS is tried again
    public HandshakeMemory(Duration life, InstantSource clock) {
        this.life = life;
        this.clock = clock;
    }

    /// @param host the host's name, or its address where it has none ([ConnectionPlan#hostName])
    public void failed(String host) {
        if (until.size() >= HOSTS) {
            until.values().removeIf(end -> !end.isAfter(clock.instant()));
        }
        if (until.size() < HOSTS) {
            until.put(host, clock.instant().plus(life));
        }
    }

    public boolean failedBefore(String host) {
        Instant end = until.get(host);
        if (end == null) {
            return false;
        }
        if (end.isAfter(clock.instant())) {
            return true;
        }
        until.remove(host, end);
        return false;
    }
}
