package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.delivery.connection.SpoolBody;
import org.mailrelay.delivery.connection.TransactionSource;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.QueuedMessage;

/// One connection's view of its destination: it pulls the next message and reports what came of the last. Called on the connection's event loop.
final class ConnectionSource implements TransactionSource {

    private final EngineState state;
    private final Dispatch dispatch;
    private final Destination destination;
    private final int host;
    private final ConnectionPlan plan;
    private final HostAddress address;
    private final Slots.Standing openedAs;
    private final boolean openedBeside;
    private final Settings settings;
    private final Map<Transaction, Item> underWay = new IdentityHashMap<>(2);
    private final Results results;
    private @Nullable OutboundConnection connection;
    /// When something last moved on it, by [EngineClock#tick].
    long movedAt;
    private boolean opening = true;
    private boolean woken;
    /// When the transaction that is under way began, or the one before it ended.
    private Instant since = Instant.MIN;
    private boolean fresh = true;
    private boolean proven;
    /// Messages that it has carried.
    private int carried;

    /// @param host the index of its host in the destination's plan
    ConnectionSource(EngineState state, Dispatch dispatch, Destination destination, int host, ConnectionPlan plan, HostAddress address) {
        this.state = state;
        this.dispatch = dispatch;
        this.destination = destination;
        this.host = host;
        this.plan = plan;
        this.address = address;
        this.openedAs = dispatch.slots().standing(destination, address);
        this.openedBeside = isBeside();
        this.results = new Results(state, dispatch, destination, host);
        this.movedAt = state.tick();
        this.settings = state.settings();   // its terms are made from them; under others it carries no further mail
    }

    Destination destination() {
        return destination;
    }

    /// The index of its host in the plan.
    int host() {
        return host;
    }

    /// It is there for mail that the host in use would not have, and takes no other.
    boolean isBeside() {
        return host > destination.host;
    }

    boolean isOpening() {
        return opening;
    }

    ConnectionPlan plan() {
        return plan;
    }

    HostAddress address() {
        return address;
    }

    Slots.Standing standing() {
        return proven ? Slots.Standing.LIVE : openedAs;
    }

    void proven() {
        proven = true;
    }

    /// Under the lock.
    void opening(OutboundConnection begun) {
        connection = begun;
    }

    void wake() {
        if (connection != null && !opening) {
            woken = true;
            connection.wake();
        }
    }

    /// It will ask for a message in a moment.
    boolean woken() {
        return woken;
    }

    void finish() {
        if (connection != null) {
            connection.finish();
        }
    }

    /// Others wait for its place, and it has been silent.
    void abandon() {
        if (connection != null) {
            connection.abandon();
        }
    }

    /// Of a host that answered lately the greeting is enough to let others follow, so that mail behind a pause does not wait for a whole EHLO and TLS twice;
    /// one that has died meanwhile still costs one connection.
    @Override
    public void greeted() {
        state.locked(() -> {
            if (!destination.proven && host == destination.host && address.failures == 0 && dispatch.slots().answeredLately(address)) {
                destination.proven = true;
                dispatch.pump(destination);
            }
        });
    }

    @Override
    public void ready(OutboundConnection ready) {
        state.locked(() -> {
            landed();
            connection = ready;
            dispatch.slots().moved(this);
            if (address.failures > 0 || !address.known) {
                dispatch.alive(address);
            }
            destination.proven = true;
            destination.holds = 0;
            destination.failure = null;
            destination.askedAgain = false;
            if (!state.mayDeliver(destination)) {
                ready.finish();
            }
        });
    }

    private void landed() {
        if (opening) {
            opening = false;
            destination.opening--;
        }
    }

    @Override
    public Optional<Transaction> next(OutboundConnection connection) {
        return state.reading(() -> {
            woken = false;
            busy();
            boolean yields = dispatch.slots().shouldYield(this, carried);
            Optional<Transaction> next = yields ? Optional.empty() : poll();
            if (next.isEmpty()) {
                destination.idle.add(this);
                if (yields || outdated() || !state.mayDeliver(destination)) {
                    connection.finish();
                } else {
                    dispatch.slots().idle(this);
                }
            }
            if (fresh) {
                // Only now: what this connection takes needs no other one.
                fresh = false;
                dispatch.pump(destination);
            }
            return next;
        });
    }

    private void busy() {
        if (destination.idle.remove(this)) {
            dispatch.slots().busy(this);
            dispatch.slots().moved(this);
        }
    }

    @Override
    public Optional<Transaction> following(OutboundConnection connection) {
        return state.reading(() -> dispatch.slots().shouldYield(this, carried + 1) ? Optional.empty() : poll());
    }

    /// A policy change must not reach only the connections to come.
    private boolean outdated() {
        return settings != state.settings();
    }

    private Optional<Transaction> poll() {
        while (state.mayDeliver(destination) && !outdated()) {
            Item item = take();
            if (item == null) {
                break;
            }
            state.become(item, Item.Phase.UNDER_WAY);
            Optional<Transaction> transaction = transaction(item, item.loaded());
            if (transaction.isPresent()) {
                destination.taken++;
                if (underWay.isEmpty()) {
                    since = state.now();
                }
                underWay.put(transaction.get(), item);
                return transaction;
            }
        }
        return Optional.empty();
    }

    /// Mail that was refused elsewhere first; the rest is not for hosts that are only second best at present.
    private @Nullable Item take() {
        Item aside = destination.elsewhere.peek();
        if (aside != null && aside.fromHost <= host) {
            return take(destination.elsewhere);
        }
        return host <= destination.host ? take(destination.ready) : null;
    }

    /// What is still on the disk costs nothing of the rate.
    private @Nullable Item take(Chain<Item> queue) {
        Item first = queue.peek();
        boolean loaded = first != null && first.message != null;
        return loaded && !dispatch.rates().take(first) ? null : dispatch.loading().take(destination, queue);
    }

    /// No disk is asked under the lock: a body that is not in memory is opened with its first read.
    private Optional<Transaction> transaction(Item item, QueuedMessage message) {
        Optional<BodySource> body = state.parts.spool().body(message.mid());
        if (body.isEmpty()) {
            dispatch.settlement().vanished(item);
            return Optional.empty();
        }
        return Optional.of(new Transaction(message.mid(), message.envelope().sender(), message.envelope().parameters(),
                item.rids().stream().map(rid -> new Transaction.Addressee(rid, message.envelope().recipient(rid))).toList(),
                message.content(), state.now(), new SpoolBody(message.prologue(), body.get())));
    }

    @Override
    public void settled(OutboundConnection connection, Transaction transaction, TransactionResult result) {
        state.locked(() -> {
            Item item = Objects.requireNonNull(underWay.remove(transaction));
            dispatch.slots().moved(this);
            if (carried > 0 && !item.turnedAway && Facts.turnedAwayUnheard(result)) {
                item.turnedAway = true;
                dispatch.again(item);
                return;
            }
            carried++;
            dispatch.carriers().took(destination, since);
            since = state.now();
            learn(result);
            item.answered(connection.plan().hostName(), state.now());
            results.settle(connection, item, transaction, result);
        });
    }

    /// How many connections the host bears.
    private void learn(TransactionResult result) {
        if (Facts.overrun(result)) {
            destination.window = destination.window.overrun(state.counted());
            return;
        }
        if (Facts.answered(result)) {
            dispatch.slots().answered(this);
            int before = destination.window.size();
            destination.window = destination.window.succeeded(state.policy(destination).connections(), state.counted());
            if (destination.window.size() > before) {
                dispatch.pump(destination);
            }
        }
    }

    @Override
    public void failed(OutboundConnection connection, HostFailure why) {
        state.locked(() -> {
            landed();
            if (host > destination.host) {
                dispatch.elsewhereFailed(destination, host);
                return;
            }
            boolean tls = why instanceof HostFailure.AgainstPolicy;
            if (why instanceof HostFailure.AgainstPolicy policy && steppedDown(connection, policy)) {
                return;
            }
            int others = destination.live() - 1;
            if (others > 0) {
                // The others deliver: the host has had enough of us, and is left alone with more for a while.
                destination.window = destination.window.refusedBeside(others, state.counted());
                return;
            }
            DeliveryEvent.Waits.Tried tried = new DeliveryEvent.Waits.Tried(connection.plan().hostName(), connection.dcid());
            Outcome.Reason reason = Facts.of(why);
            if (!Facts.faultOfTheHost(why)) {
                dispatch.alive(address);
            } else if (address.connections == 1) {
                dispatch.dead(address, reason, tried);
            }
            if (destination.tried.size() < destination.hosts.size()) {   // several that opened at once tell the same of their host
                destination.tried.add(tried);
            }
            String fault = connection.plan().hostName() + ": " + reason.text();
            if (destination.key.need() == MessageNeed.REQUIRE_TLS && !destination.faults.contains(fault)) {
                destination.faults.add(fault);
            }
            if (tls || destination.failure == null || destination.failure.status().subject() != 7) {
                destination.failure = reason;
            }
            destination.onlyTls &= tls;
            destination.doubted = why instanceof HostFailure.AgainstPolicy unmet && unmet.reasons().contains(TlsReason.OWN_PATH_SUSPECTED);
            if (destination.state == Destination.State.OPEN && host == destination.host && !dispatch.nextHost(destination) && destination.opening == 0) {
                dispatch.holdWithItsHosts(destination);
            }
        });
    }

    /// A failed handshake is remembered for its host; while the next step stays encrypted the same host is tried on it at once.
    private boolean steppedDown(OutboundConnection connection, HostFailure.AgainstPolicy why) {
        if (why.next().isEmpty()) {
            if (why.reasons().contains(TlsReason.HANDSHAKE_FAILED)) {
                state.parts.memory().forget(HandshakeMemory.Host.of(connection.plan()));   // no step helped: the next attempt begins at the top
            }
            return false;
        }
        LadderStep next = why.next().get();
        state.parts.memory().left(connection.plan(), next);
        if (!next.encrypted() || destination.live() > 1 || host >= destination.hosts.size() || !destination.hosts.get(host).equals(connection.plan())) {
            return false;
        }
        List<ConnectionPlan> hosts = new ArrayList<>(destination.hosts);
        hosts.set(host, connection.plan().at(next));
        destination.hosts = hosts;
        return true;
    }

    @Override
    public void closed(OutboundConnection connection, Runnable log) {
        state.locked(() -> {
            landed();
            results.ended(log);
            destination.sources.remove(this);
            destination.idle.remove(this);
            destination.beside -= openedBeside ? 1 : 0;
            if (destination.state == Destination.State.OPEN && destination.connections() == 0 && destination.proven && destination.elsewhere.isEmpty()) {
                state.become(destination, Destination.State.IDLE);
            }
            dispatch.slots().closed(this);
            dispatch.pump(destination);
            state.signal();
        });
    }
}
