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
import org.mailrelay.net.tls.ClientOffer;

/// Hosts with which a handshake failed lately, and the step of the ladder on which they are tried next. Any thread.
///
/// Kept in memory only: after a restart the ladder is begun at its top, as it is when a host's time is over. `CLEAR` counts for levels
/// that promise nothing, and for no other. Meanwhile the top is probed without mail, so that a host that has been repaired is met on it before a delivery
/// would find out.
public final class HandshakeMemory {

    private static final int HOSTS = 10_000;
    private static final Duration PROBED_EVERY = Duration.ofHours(1);

    /// @param from  a clock that is set back ends it too
    /// @param plan  of the connection that failed
    /// @param probe when the top of the ladder is tried next without mail
    /// @param used  a delivery has asked for it since the last probe
    private record Left(LadderStep step, Instant from, Instant until, ConnectionPlan plan, Instant probe, boolean used) {
        boolean holds(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }
    }

    /// With whom a handshake fails, and on what offer: what one destination's versions, ciphers or certificate come to says nothing of the handshake that
    /// another destination would make with the same host, and must not send its mail in the clear.
    ///
    /// @param name by [ConnectionPlan#hostName]
    public record Host(String name, int port, ClientOffer offer) {
        public static Host of(ConnectionPlan plan) {
            return new Host(plan.hostName(), plan.key().peer().getPort(), plan.key().offer());
        }
    }

    private final ConcurrentHashMap<Host, Left> hosts = new ConcurrentHashMap<>();
    private final Duration life;
    private final InstantSource clock;

    /// @param life how long a failure counts; then the ladder is tried from its top again
    public HandshakeMemory(Duration life, InstantSource clock) {
        this.life = life;
        this.clock = clock;
    }

    /// @param failed the connection
    /// @param next   the step to try next
    public void left(ConnectionPlan failed, LadderStep next) {
        Instant now = clock.instant();
        Host host = Host.of(failed);
        if (hosts.size() >= HOSTS) {
            hosts.values().removeIf(left -> !left.holds(now));
        }
        if (hosts.size() < HOSTS || hosts.containsKey(host)) {
            hosts.put(host, new Left(next, now, now.plus(life), failed, now.plus(PROBED_EVERY), true));
        }
    }

    /// The step on which the host is tried now.
    public LadderStep step(Host host) {
        Left left = hosts.get(host);
        if (left == null) {
            return LadderStep.HYBRID;
        }
        if (left.holds(clock.instant())) {
            if (!left.used()) {
                hosts.replace(host, left, new Left(left.step(), left.from(), left.until(), left.plan(), left.probe(), true));
            }
            return left.step();
        }
        hosts.remove(host, left);
        return LadderStep.HYBRID;
    }

    public void forget(Host host) {
        hosts.remove(host);
    }

    /// Connections of hosts whose top step should be probed now, those that are due longest first; each is due again in an hour.
    public List<ConnectionPlan> due(int most) {
        Instant now = clock.instant();
        List<Map.Entry<Host, Left>> due = new ArrayList<>(hosts.entrySet().stream().filter(host -> !host.getValue().probe().isAfter(now)).map(Map.Entry::copyOf).toList());
        due.sort(Comparator.comparing(host -> host.getValue().probe()));
        List<ConnectionPlan> plans = new ArrayList<>();
        for (Map.Entry<Host, Left> host : due.subList(0, Math.min(most, due.size()))) {
            Left left = host.getValue();
            hosts.replace(host.getKey(), left, new Left(left.step(), left.from(), left.until(), left.plan(), now.plus(PROBED_EVERY), left.used()));
            plans.add(left.plan());
        }
        return plans;
    }

    /// The top step has failed in a probe too: while deliveries ask for the host it stays where it is for another lifetime.
    public void stillFails(Host host) {
        Instant now = clock.instant();
        hosts.computeIfPresent(host, (_, left) -> left.used() ? new Left(left.step(), now, now.plus(life), left.plan(), left.probe(), false) : left);
    }

    /// How many hosts are tried on this step at present.
    public long on(LadderStep step) {
        return hosts.values().stream().filter(left -> left.step() == step && left.holds(clock.instant())).count();
    }
}
