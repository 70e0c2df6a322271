package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.queue.QueuedMessage;

/// Sees that somebody comes for what is ready: has destinations planned, opens connections, holds what no host would take. All under the lock.
final class Dispatch implements Settlement.Next {

    /// DNS is asked again after this, also for a destination that never rests; its own TTLs are the resolver's matter.
    private static final Duration PLAN_LIFE = Duration.ofMinutes(5);
    /// Messages that wait in memory for a further host of their destination, which may be silent for minutes; what is beyond is read again.
    private static final int MOST_ELSEWHERE = 256;

    private final EngineState state;
    private final Planning planning;
    private final Directing directing;
    private final Settlement settlement;
    private final Holds holds;
    private final Admission admission;
    private final Loading loading;
    private final Slots slots;
    private final Turns turns;
    private final RateLimits rates;
    private final DueTimes<Item> deferred;
    private final Carriers carriers;
    /// What is to be looked at when a group has been dealt with.
    private @Nullable Set<Destination> pumps;

    Dispatch(EngineState state, Planner planner) {
        this.state = state;
        this.settlement = new Settlement(state, this);
        this.holds = new Holds(state, settlement, this::unhold);
        this.admission = new Admission(state, this);
        this.loading = new Loading(state, settlement);
        this.rates = new RateLimits(state, this::pump);
        this.turns = new Turns(state, this::look);
        this.slots = new Slots(state, destination -> pump(destination, 1), turns::soon);
        this.deferred = new DueTimes<>(state, this::ready);
        this.carriers = new Carriers(state, this::bringFor);
        this.planning = new Planning(state, this, planner);
        this.directing = new Directing(state, this);
    }

    Settlement settlement() {
        return settlement;
    }

    Slots slots() {
        return slots;
    }

    Carriers carriers() {
        return carriers;
    }

    RateLimits rates() {
        return rates;
    }

    Loading loading() {
        return loading;
    }

    Directing directing() {
        return directing;
    }

    @Override
    public void queued(QueuedMessage message) {
        admission.admit(message, true);
    }

    /// What was in the spool at the start.
    void replayed(QueuedMessage message) {
        admission.admit(message, false);
    }

    void ready(Item item) {
        Destination destination = enqueue(item);
        destination.ready.addLast(item);
        if (destination.state == Destination.State.HELD && destination.failure != null) {
            holds.joined(item);
        } else {
            destination.unannounced = true;
        }
        pump(destination);
    }

    private Destination enqueue(Item item) {
        state.become(item, Item.Phase.READY);
        item.destination.oldest = Math.min(item.destination.oldest, item.begins());
        item.destination.oldestSeen = Math.min(item.destination.oldestSeen, item.begins());
        return item.destination;
    }

    /// To whoever comes next, before the others.
    void again(Item item) {
        if (!directing.directed(item)) {
            Destination destination = enqueue(item);
            destination.unannounced = true;
            (item.fromHost > 0 ? destination.elsewhere : destination.ready).addFirst(item);
            pump(destination);
        }
    }

    /// One host would not have it for now; one that comes later in the plan may.
    void elsewhere(Item item, Map<Integer, Outcome.Reason> reasons, int fromHost) {
        if (!directing.directed(item)) {
            item.reasons(reasons);
            item.fromHost = (byte) fromHost;
            Chain<Item> queue = enqueue(item).elsewhere;
            if (queue.size() >= MOST_ELSEWHERE) {
                state.drop(item);
            }
            queue.addLast(item);
            pump(item.destination);
        }
    }

    /// Those that no further host is left for have had their try.
    void elsewhereFailed(Destination destination, int host) {
        for (Item item : destination.elsewhere.all()) {
            if (item.fromHost <= host) {
                item.fromHost = (byte) (host + 1);
            }
            if (item.fromHost >= destination.hosts.size()) {
                item.unlink();
                state.become(item, Item.Phase.UNDER_WAY);
                settlement.defer(item, temporary(item.reasons()), new Dcid(0));
            }
        }
    }

    /// A host that could not take the message at all says nothing of the next one, which could not be asked.
    private static Map<Integer, Outcome.Reason> temporary(Map<Integer, Outcome.Reason> reasons) {
        Map<Integer, Outcome.Reason> all = new LinkedHashMap<>(reasons.size());
        reasons.forEach((rid, why) -> all.put(rid, why.status().statusClass() == 4 ? why
                : why.as(new EnhancedCode(4, why.status().subject(), why.status().detail()), why.words())));
        return all;
    }

    @Override
    public void defer(Item item, Instant due) {
        if (!directing.directed(item)) {
            state.drop(item);
            state.become(item, Item.Phase.DEFERRED);
            deferred.add(item, Duration.between(state.counted(), due));
        }
    }

    /// Does several things and looks once at each destination that they concern. Under the lock.
    void together(List<Runnable> all) {
        Set<Destination> concerned = new LinkedHashSet<>();
        pumps = concerned;
        RuntimeException bug = null;
        for (Runnable each : all) {
            try {
                each.run();
            } catch (RuntimeException one) {
                bug = one;   // the others have their due first
            }
        }
        pumps = null;
        concerned.forEach(this::pump);
        if (bug != null) {
            throw bug;
        }
    }

    void pump(Destination destination) {
        if (pumps != null) {
            pumps.add(destination);
        } else {
            pump(destination, Integer.MAX_VALUE);
        }
    }

    /// @param most connections to open now
    private void pump(Destination destination, int most) {
        if (destination.ready.isEmpty() && destination.elsewhere.isEmpty()) {
            rest(destination);
            return;
        }
        if (!state.mayDeliver(destination) || rates.usedUp(destination)) {
            return;
        }
        switch (destination.state) {
            case IDLE -> planning.plan(destination);
            case PLANNING, HELD -> { }
            case OPEN -> connect(destination, most);
        }
    }

    /// Without mail and connections its hosts are looked up anew the next time.
    private void rest(Destination destination) {
        if (destination.state == Destination.State.OPEN && destination.connections() == 0) {
            state.become(destination, Destination.State.IDLE);
        }
        state.forgetIfDone(destination);
    }

    void resume() {
        List.copyOf(state.destinations.values()).forEach(turns::soon);
    }

    /// What waits for our own network may be tried again.
    void pathChanged() {
        state.destinations.values().stream().filter(destination -> destination.doubted && destination.state == Destination.State.HELD).toList().forEach(turns::soon);
    }

    private void look(Destination destination) {
        if (destination.state == Destination.State.HELD) {
            unhold(destination);
        } else {
            pump(destination);
        }
    }

    private void connect(Destination destination, int most) {
        if (destination.plannedWith != state.settings() || state.counted().isAfter(destination.plannedAt.plus(PLAN_LIFE))) {
            planning.plan(destination);
            return;
        }
        connectElsewhere(destination);
        bring(destination, Carriers.uncovered(destination), most);
        carriers.watch(destination);
    }

    /// So many messages have waited for longer than they should.
    private void bringFor(Destination destination, long late) {
        if (destination.state == Destination.State.OPEN && state.mayDeliver(destination) && !rates.usedUp(destination)) {
            bring(destination, late, Integer.MAX_VALUE);
        }
    }

    /// Wakes who is idle, the last to have fallen idle first, so that what is not needed ends; then opens connections.
    ///
    /// @param uncovered messages that nobody will get to in time
    private void bring(Destination destination, long uncovered, int most) {
        long left = uncovered;
        int depth = Carriers.depth(destination);
        for (ConnectionSource idle : destination.idle.reversed()) {
            if (left <= 0) {
                return;
            }
            if (!idle.woken() && !idle.isBeside()) {
                idle.wake();
                left -= 1 + depth;
            }
        }
        int opened = 0;
        while (left > 0 && mayHaveMore(destination)) {
            ConnectionPlan plan = destination.hosts.get(destination.host);
            HostAddress address = slots.address(plan);
            if (opened++ >= most) {
                slots.again(destination, address);
                return;
            }
            switch (slots.ask(destination, address, plan)) {
                case OPEN -> {
                    open(destination, destination.host, address);
                    left--;
                }
                case WAIT -> {
                    return;
                }
                case DEAD -> {
                    destination.failure = address.failure;
                    destination.onlyTls = false;
                    if (!nextHost(destination)) {
                        holdWithItsHosts(destination);
                        return;
                    }
                    opened--;
                }
            }
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
            return;
        }
        ConnectionPlan plan = destination.hosts.get(first.fromHost);
        HostAddress address = slots.address(plan);
        switch (slots.ask(destination, address, plan)) {
            case OPEN -> open(destination, first.fromHost, address);
            case WAIT -> { }
            case DEAD -> {
                elsewhereFailed(destination, first.fromHost);
                connectElsewhere(destination);
            }
        }
    }

    /// How many the host in use bears is a matter of connections to it: those beside them, which may hang at a silent host, keep nobody from it.
    private boolean mayHaveMore(Destination destination) {
        return destination.connections() < state.policy(destination).connections()
                && destination.connections() - destination.beside < (destination.proven ? destination.window.size() : 1);
    }

    private void open(Destination destination, int host, HostAddress address) {
        ConnectionPlan plan = destination.hosts.get(host);
        ConnectionSource source = new ConnectionSource(state, this, destination, host, plan, address);
        destination.sources.add(source);
        destination.opening++;
        destination.beside += source.isBeside() ? 1 : 0;
        slots.opened(source);
        source.opening(state.parts.connector().open(plan, state.parts.spool().takeDcid(), source));
    }

    /// @return false when there is none
    boolean nextHost(Destination destination) {
        destination.proven = false;
        if (destination.host + 1 >= destination.hosts.size()) {
            return false;
        }
        destination.host++;
        return true;
    }

    /// The MTA-STS policy that stopped it may be an old one.
    private static boolean mayBeOutdated(Destination destination) {
        return !destination.askedAgain && destination.onlyTls && destination.failure != null
                && destination.hosts.stream().anyMatch(host -> host.key().terms().tls().requirement().enforced().stream().anyMatch(TlsCheck.MtaSts.class::isInstance));
    }

    /// What waits for other hosts waits with the rest again.
    static void gather(Destination destination) {
        for (Item item = destination.elsewhere.poll(); item != null; item = destination.elsewhere.poll()) {
            item.fromHost = 0;
            destination.ready.addLast(item);
        }
    }

    void hold(Destination destination, Optional<Duration> atLeast) {
        destination.askedAgain = false;
        gather(destination);
        holds.hold(destination, atLeast);
    }

    /// No host of the plan would have it. Where all are dead by memory, until the first of them may be tried again; else by the destination's own schedule.
    void holdWithItsHosts(Destination destination) {
        if (mayBeOutdated(destination)) {
            destination.askedAgain = true;
            planning.plan(destination);
            return;
        }
        List<HostAddress> addresses = destination.hosts.stream().map(slots::address).toList();
        long now = state.tick();
        Optional<Duration> until = Optional.empty();
        if (addresses.stream().allMatch(address -> address.resting(now))) {
            until = Optional.of(Duration.ofMillis(Math.max(1, addresses.stream().mapToLong(address -> address.deadUntil - now).min().orElse(1))));
            addresses.forEach(address -> address.held.add(destination));
        }
        if (destination.tried.isEmpty()) {
            destination.tried = Holds.tried(addresses);
        }
        hold(destination, until);
    }

    void unhold(Destination destination) {
        if (destination.state == Destination.State.HELD) {
            destination.unlink();
            destination.hosts.forEach(host -> slots.address(host).held.remove(destination));
            state.become(destination, Destination.State.IDLE);
            pump(destination);
        }
    }

    /// The host has let a connection through: it lives, and all that waited for it may come, each in its turn.
    void alive(HostAddress address) {
        address.known = true;
        address.failures = 0;
        address.failure = null;
        List.copyOf(address.held).forEach(turns::soon);
        address.held.clear();
        slots.release(address);
    }

    /// A connection failed by the host's fault while no other to it was open.
    void dead(HostAddress address, Outcome.Reason why, DeliveryEvent.Waits.Tried tried) {
        slots.failed(address, RetrySchedule.wait(Holds.FIRST, Holds.LONGEST, address.failures + 1, state.parts.random()));
        address.failure = why;
        address.lastTried = tried;
        slots.release(address);
    }
}
