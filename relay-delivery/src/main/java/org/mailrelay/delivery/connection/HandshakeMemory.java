package org.mailrelay.delivery.connection;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import org.mailrelay.core.tls.LadderStep;

/// Hosts with which a handshake failed lately, and the step of the ladder on which they are tried next. Any thread.
///
/// Kept in memory only: after a restart the ladder is begun at its top, as it is when a host's time is over. `CLEAR` counts for levels
/// that promise nothing, and for no other.
public final class HandshakeMemory {

    private static final int HOSTS = 10_000;

    private record Left(LadderStep step, Instant until) {}

    private final ConcurrentHashMap<String, Left> hosts = new ConcurrentHashMap<>();
    private final Duration life;
    private final InstantSource clock;

    /// @param life how long a failure counts; then the ladder is tried from its top again
    public HandshakeMemory(Duration life, InstantSource clock) {
        this.life = life;
        this.clock = clock;
    }

    /// @param host the host's name, or its address where it has none ([ConnectionPlan#hostName])
    /// @param next the step to try next
    public void left(String host, LadderStep next) {
        if (hosts.size() >= HOSTS) {
            hosts.values().removeIf(left -> !left.until().isAfter(clock.instant()));
        }
        if (hosts.size() < HOSTS || hosts.containsKey(host)) {
            hosts.put(host, new Left(next, clock.instant().plus(life)));
        }
    }

    /// The step on which the host is tried now.
    public LadderStep step(String host) {
        Left left = hosts.get(host);
        if (left == null) {
            return LadderStep.HYBRID;
        }
        if (left.until().isAfter(clock.instant())) {
            return left.step();
        }
        hosts.remove(host, left);
        return LadderStep.HYBRID;
    }

    public void forget(String host) {
        hosts.remove(host);
    }

    /// How many hosts are tried on this step at present.
    public long on(LadderStep step) {
        return hosts.values().stream().filter(left -> left.step() == step && left.until().isAfter(clock.instant())).count();
    }
}
