package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.route.WalkRules;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;

/// Sees that somebody comes for what is ready: plans destinations, opens connections, holds what no host would take. All under the lock.
final class Dispatch implements Settlement.Next {

    /// DNS is asked again after this, also for a destination that never rests; its own TTLs are the resolver's matter.
    private static final Duration PLAN_LIFE = Duration.ofMinutes(5);

    private final EngineState state;
    private final Planner planner;
    private final Settlement settlement;
    private final Holds holds;
    private final Admission admission;

    Dispatch(EngineState state, Planner planner) {
        this.state = state;
        this.planner = planner;
        this.settlement = new Settlement(state, this);
        this.holds = new Holds(state, settlement);
        this.admission = new Admission(state, this);
    }

    Settlement settlement() {
        return settlement;
    }

    @Override
    public void queued(QueuedMessage message) {
        admission.admit(message);
    }

    void ready(Item item) {
        Destination destination = item.destination;
        item.phase = Item.Phase.READY;
        destination.ready.add(item);
        if (destination.state == Destination.State.HELD && destination.failure != null) {
            holds.announce(item, destination.failure);
        }
        pump(destination);
    }

    /// One host would not have it for now; one that comes later in the plan may.
    void elsewhere(Item item, Map<Integer, Outcome.Reason> reasons, int fromHost) {
        item.reasons = reasons;
        item.phase = Item.Phase.READY;
        item.fromHost = fromHost;
        item.destination.elsewhere.add(item);
        pump(item.destination);
    }

    /// Those that no further host is left for have had their try.
    void elsewhereFailed(Destination destination, int host) {
        for (Item item : List.copyOf(destination.elsewhere)) {
            if (item.fromHost <= host) {
                item.fromHost = host + 1;
            }
            if (item.fromHost >= destination.hosts.size()) {
                destination.elsewhere.remove(item);
                item.phase = Item.Phase.UNDER_WAY;
                settlement.defer(item, item.reasons, new Dcid(0));
            }
        }
    }

    @Override
    public void defer(Item item, Instant due) {
        item.phase = Item.Phase.DEFERRED;
        item.due = due;
        state.parts.timer().after(Duration.between(state.now(), due), () -> state.locked(() -> {
            if (item.phase == Item.Phase.DEFERRED && !item.due.isAfter(state.now())) {
                ready(item);
            }
        }));
    }

    void pump(Destination destination) {
        if (destination.ready.isEmpty() && destination.elsewhere.isEmpty()) {
            rest(destination);
            return;
        }
        if (!state.mayDeliver(destination)) {
            return;
        }
        switch (destination.state) {
            case IDLE -> plan(destination);
            case PLANNING, HELD -> { }
            case OPEN -> connect(destination);
        }
    }

    /// Without mail and connections its hosts are looked up anew the next time.
    private void rest(Destination destination) {
        if (destination.state == Destination.State.OPEN && destination.connections() == 0) {
            destination.state = Destination.State.IDLE;
        }
        state.forgetIfDone(destination);
    }

    /// All that found every connection taken, once one has been given back.
    void pumpStarved() {
        List<Destination> waiting = List.copyOf(state.starved);
        state.starved.clear();
        waiting.forEach(this::pump);
    }

    void resume() {
        List.copyOf(state.destinations.values()).forEach(this::pump);
    }

    private void connect(Destination destination) {
        if (destination.plannedWith != state.settings() || state.now().isAfter(destination.plannedAt.plus(PLAN_LIFE))) {
            plan(destination);
            return;
        }
        connectElsewhere(destination);
        int coming = 0;
        for (OutboundConnection idle : destination.idle) {
            if (coming++ >= destination.ready.size()) {
                return;
            }
            idle.wake();
        }
        int most = mostConnections(destination);
        while (destination.connections() < most && destination.opening + coming < destination.ready.size()) {
            if (isFull(destination, destination.hosts.get(destination.host))) {
                state.starved.add(destination);
                return;
            }
            open(destination, destination.host);
        }
    }

    /// One connection beside those to the host in use.
    private void connectElsewhere(Destination destination) {
        Item first = destination.elsewhere.peek();
        if (first == null) {
            return;
        }
        List<ConnectionSource> serving = destination.sources.stream().filter(source -> source.host() >= first.fromHost).toList();
        if (!serving.isEmpty()) {
            serving.forEach(ConnectionSource::wake);
        } else if (isFull(destination, destination.hosts.get(first.fromHost))) {
            state.starved.add(destination);
        } else {
            open(destination, first.fromHost);
        }
    }

    private int mostConnections(Destination destination) {
        if (!destination.proven) {
            return 1;
        }
        int allowed = state.policy(destination).connections();
        return destination.ceilingUntil.isAfter(state.now()) ? Math.min(allowed, destination.ceiling) : allowed;
    }

    private boolean isFull(Destination destination, ConnectionPlan plan) {
        if (state.connections >= state.settings().relay().delivery().connections()) {
            return true;
        }
        OptionalInt ofGateway = state.settings().sources().gateways().getOrDefault(plan.gateway(), Gateway.auto(plan.gateway())).connections();
        if (ofGateway.isPresent() && state.connectionsByGateway.getOrDefault(plan.gateway(), 0) >= ofGateway.getAsInt()) {
            return true;
        }
        DestinationPolicy policy = state.policy(destination);
        return policy.connectionsPerMx().isPresent()
                && state.connectionsByAddress.getOrDefault(plan.key().peer(), 0) >= policy.connectionsPerMx().getAsInt();
    }

    private void open(Destination destination, int host) {
        ConnectionPlan plan = destination.hosts.get(host);
        ConnectionSource source = new ConnectionSource(state, this, destination, host, state.settings());
        destination.sources.add(source);
        destination.opening++;
        state.connections++;
        state.connectionsByAddress.merge(plan.key().peer(), 1, Integer::sum);
        state.connectionsByGateway.merge(plan.gateway(), 1, Integer::sum);
        state.parts.connector().open(plan, state.parts.spool().takeDcid(), source);
    }

    private void plan(Destination destination) {
        destination.state = Destination.State.PLANNING;
        Settings settings = state.settings();
        Thread.ofVirtual().name("plan " + destination.key.domain()).start(() -> {
            Planner.Plan plan = planner.plan(destination.key, settings);
            state.locked(() -> planned(destination, plan, settings));
        });
    }

    private void planned(Destination destination, Planner.Plan plan, Settings settings) {
        destination.tried.clear();
        switch (plan) {
            case Planner.Plan.Hosts(var hosts) -> {
                destination.plannedWith = settings;
                destination.plannedAt = state.now();
                destination.hosts = WalkRules.choose(hosts, ConnectionPlan::hostName, destination.holds);
                destination.host = 0;
                destination.proven = false;
                destination.onlyTls = true;
                destination.state = Destination.State.OPEN;
                elsewhereFailed(destination, -1);
                pump(destination);
            }
            case Planner.Plan.Hold(var reason, boolean tls) -> {
                if (!tls) {
                    state.tell(new DeliveryEvent.DnsFailed(state.now(), destination.key.domain(), "MX", reason.text()));
                }
                destination.failure = reason;
                destination.onlyTls = tls;
                hold(destination);
            }
            case Planner.Plan.Bounce(var reason) -> {
                destination.state = Destination.State.IDLE;
                drain(destination).forEach(item -> settlement.fail(item, reason, new Dcid(0)));
            }
            case Planner.Plan.Discard(String position) -> {
                destination.state = Destination.State.IDLE;
                drain(destination).forEach(item -> {
                    List<Integer> rids = List.copyOf(item.rids);
                    settlement.settle(item, new RecipientState.Delivered(),
                            () -> state.tell(new DeliveryEvent.Discarded(state.now(), item.message.mid(), rids, position)));
                });
            }
        }
    }

    private static List<Item> drain(Destination destination) {
        destination.gather();
        List<Item> all = List.copyOf(destination.ready);
        destination.ready.clear();
        all.forEach(item -> item.phase = Item.Phase.UNDER_WAY);
        return all;
    }

    void hold(Destination destination) {
        destination.gather();
        holds.hold(destination, () -> unhold(destination));
    }

    void unhold(Destination destination) {
        if (destination.state == Destination.State.HELD) {
            destination.state = Destination.State.IDLE;
            pump(destination);
        }
    }
}
