package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.delivery.connection.ConnectionPlan;

/// Who may have a connection: overall, by the address of the mail host, and by what is known of it, so that hosts that are dead, silent or unknown never
/// hold what live mail needs. Guarded by the engine's lock.
final class Slots {

    enum Standing {
        /// It has answered a transaction of late.
        LIVE,
        /// Nothing is known of it.
        FRESH,
        /// The last try came to nothing.
        SUSPECT
    }

    enum Answer { OPEN, WAIT, DEAD }

    /// An answer makes an address known for so long.
    private static final long KNOWN_MILLIS = Duration.ofMinutes(10).toMillis();
    /// While others wait a connection that has carried so many messages gives its place away.
    private static final int TURN = 20;
    /// While others wait for a place, a connection on which nothing has moved for so long gives its own up.
    private static final long PATIENCE_MILLIS = Duration.ofSeconds(30).toMillis();
    /// About so many addresses that nobody uses are remembered, for their failures or their answers.
    private static final int MOST_ADDRESSES = 50_000;

    private final EngineState state;
    private final Consumer<Destination> turn;
    private final Consumer<Destination> soon;
    private final Map<HostAddress.Key, HostAddress> addresses = new HashMap<>();
    private int crowd = MOST_ADDRESSES;
    private final Map<String, Exit> exits = new HashMap<>();
    private final Map<Standing, ArrayDeque<Destination>> waiting = new EnumMap<>(Standing.class);
    /// All connections, those first on which nothing has moved for longest.
    private final Set<ConnectionSource> byProgress = new LinkedHashSet<>();
    private final Set<ConnectionSource> idle = new LinkedHashSet<>();
    private int open;
    /// Of the open ones: their address has not answered a transaction yet.
    private int unproven;
    private int suspects;
    /// Destinations with a connection.
    private int holders;
    private boolean patienceArmed;

    /// @param turn gives a destination the chance to open one connection
    /// @param soon sees to a destination in a while
    Slots(EngineState state, Consumer<Destination> turn, Consumer<Destination> soon) {
        this.state = state;
        this.turn = turn;
        this.soon = soon;
        for (Standing standing : Standing.values()) {
            waiting.put(standing, new ArrayDeque<>());
        }
    }

    int open() {
        return open;
    }

    /// What an address answered some minutes ago still counts when mail comes again.
    HostAddress address(ConnectionPlan plan) {
        HostAddress.Key key = HostAddress.Key.of(plan);
        HostAddress known = addresses.get(key);
        if (known == null || known.unused() && known.failures == 0 && !answeredLately(known)) {
            forgetSome();
            known = new HostAddress(key);
            addresses.put(key, known);
        }
        return known;
    }

    boolean answeredLately(HostAddress address) {
        return address.answered != Long.MIN_VALUE && state.tick() - address.answered < KNOWN_MILLIS;
    }

    private void forgetSome() {
        if (addresses.size() >= crowd) {
            addresses.values().removeIf(old -> old.unused() && !old.resting(state.tick()));
            crowd = Math.max(MOST_ADDRESSES, 2 * addresses.size());
        }
    }

    /// May it open one more connection there? If not now, it waits in the queue of what is taken, and has its turn.
    Answer ask(Destination destination, HostAddress address, ConnectionPlan plan) {
        if (address.resting(state.tick())) {
            return Answer.DEAD;
        }
        if (destination.waitingIn != null) {
            return Answer.WAIT;
        }
        boolean its = destination.turn;
        if (address.beingProbed() || isFull(destination, address) || !its && !address.waiting.isEmpty()) {
            return await(destination, address.waiting);
        }
        Exit exit = exit(plan);
        if (isFull(exit) || !its && !exit.waiting.isEmpty()) {
            return await(destination, exit.waiting);
        }
        Standing standing = standing(destination, address);
        ArrayDeque<Destination> queue = waiting(standing);
        if (!hasRoom(standing) || !its && !queue.isEmpty()) {
            pressure(destination);
            return await(destination, queue);
        }
        return Answer.OPEN;
    }

    private Answer await(Destination destination, ArrayDeque<Destination> queue) {
        queue.add(destination);
        destination.waitingIn = queue;
        return Answer.WAIT;
    }

    /// A destination that had its turn and wants more stands at the end of the queue again.
    void again(Destination destination, HostAddress address) {
        if (destination.waitingIn == null) {
            await(destination, waiting(standing(destination, address)));
        }
    }

    private ArrayDeque<Destination> waiting(Standing standing) {
        return Objects.requireNonNull(waiting.get(standing));
    }

    /// A virtual gateway's connections, and who waits for one.
    private static final class Exit {
        final String gateway;
        final ArrayDeque<Destination> waiting = new ArrayDeque<>();
        int connections;

        Exit(String gateway) {
            this.gateway = gateway;
        }
    }

    private Exit exit(ConnectionPlan plan) {
        return exits.computeIfAbsent(plan.gateway(), Exit::new);
    }

    private boolean isFull(Exit exit) {
        OptionalInt most = state.settings().sources().gateways().getOrDefault(exit.gateway, Gateway.auto(exit.gateway)).limits().connections();
        return most.isPresent() && exit.connections >= most.getAsInt();
    }

    private boolean isFull(Destination destination, HostAddress address) {
        OptionalInt most = state.policy(destination).connectionsPerMx();
        return most.isPresent() && address.connections >= most.getAsInt();
    }

    Standing standing(Destination destination, HostAddress address) {
        if (address.failures > 0 || destination.holds > 0) {
            return Standing.SUSPECT;
        }
        return answeredLately(address) ? Standing.LIVE : Standing.FRESH;
    }

    private int most() {
        return state.settings().relay().delivery().connections();
    }

    /// Half of all is kept for hosts that are known to live; an eighth at most goes to those that failed.
    private boolean hasRoom(Standing standing) {
        int most = most();
        return open < most && switch (standing) {
            case LIVE -> true;
            case FRESH -> unproven < Math.max(1, most / 2);
            case SUSPECT -> unproven < Math.max(1, most / 2) && suspects < Math.max(1, most / 8);
        };
    }

    void opened(ConnectionSource source) {
        open++;
        holders += source.destination().sources.size() == 1 ? 1 : 0;
        source.address().connections++;
        exit(source.plan()).connections++;
        count(source.standing(), 1);
        byProgress.add(source);
    }

    private void count(Standing standing, int change) {
        switch (standing) {
            case LIVE -> { }
            case FRESH -> unproven += change;
            case SUSPECT -> {
                unproven += change;
                suspects += change;
            }
        }
    }

    /// The host has answered a transaction.
    void answered(ConnectionSource source) {
        source.address().answered = state.tick();
        if (source.standing() != Standing.LIVE) {
            count(source.standing(), -1);
            source.proven();
            serve();
        }
    }

    void moved(ConnectionSource source) {
        source.movedAt = state.tick();
        byProgress.remove(source);
        byProgress.add(source);
    }

    void closed(ConnectionSource source) {
        open--;
        holders -= source.destination().sources.isEmpty() ? 1 : 0;
        HostAddress address = source.address();
        address.connections--;
        Exit exit = exit(source.plan());
        exit.connections--;
        count(source.standing(), -1);
        byProgress.remove(source);
        idle.remove(source);
        serve(address.waiting, () -> true);
        serve(exit.waiting, () -> !isFull(exit));
        serve();
        if (address.connections == 0) {
            release(address);   // whoever is left can use no turn of this address by itself
        }
        if (address.unused() && address.failures == 0 && !answeredLately(address)) {
            addresses.remove(address.key, address);
        }
    }

    private void serve() {
        serve(waiting(Standing.FRESH), () -> hasRoom(Standing.FRESH));
        serve(waiting(Standing.LIVE), () -> hasRoom(Standing.LIVE));
        serve(waiting(Standing.SUSPECT), () -> hasRoom(Standing.SUSPECT));
    }

    /// Each in turn, one connection for each, while there is room; one that cannot use its turn stands in another queue or in none.
    private void serve(ArrayDeque<Destination> queue, BooleanSupplier room) {
        for (int turns = queue.size(); turns > 0 && room.getAsBoolean(); turns--) {
            Destination next = queue.poll();
            if (next == null) {
                return;
            }
            next.waitingIn = null;
            next.turn = true;
            turn.accept(next);
            next.turn = false;
        }
    }

    /// All that wait at an address whose probe has come back.
    void release(HostAddress address) {
        for (Destination next = address.waiting.poll(); next != null; next = address.waiting.poll()) {
            next.waitingIn = null;
            soon.accept(next);
        }
    }

    /// Somebody else would use a place if a connection of this destination gave its own up. It may wait for a further one itself: that is no reason to close one.
    private boolean wanted(Destination by) {
        int most = most();
        return open >= most && (others(waiting(Standing.LIVE), by) > 0 || others(waiting(Standing.FRESH), by) > 0 && unproven < Math.max(1, most / 2));
    }

    private static int others(ArrayDeque<Destination> queue, Destination than) {
        return queue.size() - (than.waitingIn == queue ? 1 : 0);
    }

    /// The same for places at its address and its gateway.
    private boolean crowded(ConnectionSource source) {
        Destination destination = source.destination();
        return others(source.address().waiting, destination) > 0 || others(exit(source.plan()).waiting, destination) > 0;
    }

    /// True when this connection should take no further message, because others wait for its place. It has always carried one: else nobody got ahead.
    boolean shouldYield(ConnectionSource source, int carried) {
        if (carried == 0) {
            return false;
        }
        if (crowded(source)) {
            return carried >= TURN;
        }
        Destination destination = source.destination();
        return wanted(destination) && (carried >= TURN || destination.connections() > share(destination));
    }

    /// Of a destination that holds places.
    private int share(Destination of) {
        return Math.max(1, most() / Math.max(1, holders + others(waiting(Standing.LIVE), of) + others(waiting(Standing.FRESH), of)));
    }

    /// It has nothing to carry at present.
    void idle(ConnectionSource source) {
        boolean mailComes = source.destination().reading;
        if (!mailComes && (wanted(source.destination()) || crowded(source))) {
            source.finish();
        } else {
            idle.add(source);
        }
    }

    void busy(ConnectionSource source) {
        idle.remove(source);
    }

    /// Somebody waits: what is idle goes first, then what has been silent for too long. Its own idle connections carry what it has.
    private void pressure(Destination waiter) {
        if (open >= most()) {
            idle.stream().filter(idler -> idler.destination() != waiter && !idler.woken()).findFirst().ifPresent(idler -> {
                idle.remove(idler);
                idler.finish();
            });
        }
        armPatience();
    }

    private void armPatience() {
        if (!patienceArmed && !byProgress.isEmpty()) {
            patienceArmed = true;
            long silent = state.tick() - byProgress.iterator().next().movedAt;
            state.parts.timer().after(Duration.ofMillis(Math.max(1_000, PATIENCE_MILLIS - silent)), () -> state.locked(this::losePatience));
        }
    }

    /// Where places are free and only unknown hosts are waited for, a host that is known to live is not asked to hurry.
    private void losePatience() {
        patienceArmed = false;
        int waiters = waiting(Standing.LIVE).size() + waiting(Standing.FRESH).size();
        if (waiters == 0) {
            return;
        }
        boolean anyPlace = open >= most();
        for (ConnectionSource silent : List.copyOf(byProgress)) {
            if (waiters == 0 || state.tick() - silent.movedAt < PATIENCE_MILLIS) {
                break;
            }
            if (anyPlace || silent.standing() != Standing.LIVE) {
                waiters--;
                moved(silent);
                silent.abandon();
            }
        }
        armPatience();
    }

    /// A failure of the host itself. The next try is a matter of all its destinations.
    void failed(HostAddress address, Duration rest) {
        address.failures++;
        address.deadUntil = state.tick() + rest.toMillis();
    }
}
