package org.mailrelay.delivery.connection;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mailrelay.core.tls.LadderStep;

/// Hosts with which a handshake failed lately, and the step of the ladder on which they are tried next. Any thread.
///
/// Kept in memory only: after a restart the ladder is begun at its top, as it is when a host's time is over. `CLEAR` counts for levels
/// that promise nothing, and for no other. Meanwhile the top is probed without mail, so that a host that has been repaired is met on it before a delivery
/// would find out.
public final class HandshakeMemory {

    private static final int HOSTS = 10_000;
    private static final Duration PROBED_EVERY = Duration.ofHours(1);

    /// @param plan  of the connection that failed
    /// @param probe when the top of the ladder is tried next without mail
    /// @param used  a delivery has asked for it since the last probe
    private record Left(LadderStep step, Instant until, ConnectionPlan plan, Instant probe, boolean used) {}

    private final ConcurrentHashMap<String, Left> hosts = new ConcurrentHashMap<>();
    private final Duration life;
    private final InstantSource clock;

    /// @param life how long a failure counts; then the ladder is tried from its top again
    public HandshakeMemory(Duration life, InstantSource clock) {
        this.life = life;
        this.clock = clock;
    }

    /// @param failed the connection; its host is known by its name, or by its address where it has none ([ConnectionPlan#hostName])
    /// @param next   the step to try next
    public void left(ConnectionPlan failed, LadderStep next) {
        Instant now = clock.instant();
        if (hosts.size() >= HOSTS) {
            hosts.values().removeIf(left -> !left.until().isAfter(now));
        }
        if (hosts.size() < HOSTS || hosts.containsKey(failed.hostName())) {
            hosts.put(failed.hostName(), new Left(next, now.plus(life), failed, now.plus(PROBED_EVERY), true));
        }
    }

    /// The step on which the host is tried now.
    public LadderStep step(String host) {
        Left left = hosts.get(host);
        if (left == null) {
            return LadderStep.HYBRID;
        }
        if (left.until().isAfter(clock.instant())) {
            if (!left.used()) {
                hosts.replace(host, left, new Left(left.step(), left.until(), left.plan(), left.probe(), true));
            }
            return left.step();
        }
        hosts.remove(host, left);
        return LadderStep.HYBRID;
    }

    public void forget(String host) {
        hosts.remove(host);
    }

    /// Connections of hosts whose top step should be probed now, those that are due longest first; each is due again in an hour.
    public List<ConnectionPlan> due(int most) {
        Instant now = clock.instant();
        List<Map.Entry<String, Left>> due = new ArrayList<>(hosts.entrySet().stream().filter(host -> !host.getValue().probe().isAfter(now)).map(Map.Entry::copyOf).toList());
        due.sort(Comparator.comparing(host -> host.getValue().probe()));
        List<ConnectionPlan> plans = new ArrayList<>();
        for (Map.Entry<String, Left> host : due.subList(0, Math.min(most, due.size()))) {
            Left left = host.getValue();
            hosts.replace(host.getKey(), left, new Left(left.step(), left.until(), left.plan(), now.plus(PROBED_EVERY), left.used()));
            plans.add(left.plan());
        }
        return plans;
    }

    /// The top step has failed in a probe too: while deliveries ask for the host it stays where it is for another lifetime.
    public void stillFails(String host) {
        hosts.computeIfPresent(host, (_, left) -> left.used() ? new Left(left.step(), clock.instant().plus(life), left.plan(), left.probe(), false) : left);
    }

    /// How many hosts are tried on this step at present.
    public long on(LadderStep step) {
        return hosts.values().stream().filter(left -> left.step() == step && left.until().isAfter(clock.instant())).count();
    }
}
