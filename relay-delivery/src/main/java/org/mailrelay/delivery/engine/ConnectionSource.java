package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.OutcomeRules;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.delivery.connection.SpoolBody;
import org.mailrelay.delivery.connection.TransactionSource;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;

/// One connection's view of its destination: it pulls the next message and reports what came of the last. Called on the connection's event loop.
final class ConnectionSource implements TransactionSource {

    /// How long a refused connection beside living ones keeps their number down.
    private static final Duration CEILING_LIFE = Duration.ofSeconds(60);
    /// A session counts once EHLO and TLS policy are passed: else two hosts that always fail TLS would hide the third forever.
    private static final int SESSIONS_A_TRY = 2;

    private final EngineState state;
    private final Dispatch dispatch;
    private final Destination destination;
    private final int host;
    private final Settings settings;
    private final Map<Transaction, Item> underWay = new IdentityHashMap<>(2);
    private @Nullable OutboundConnection connection;
    private boolean opening = true;
    private boolean fresh = true;
    /// It has carried a message.
    private boolean used;
    /// Items whose facts are not told yet: the end is told after them.
    private int untold;
    private @Nullable Runnable untoldEnd;

    /// @param host     the index of its host in the destination's plan
    /// @param settings what its terms were made from; under others it carries no further mail
    ConnectionSource(EngineState state, Dispatch dispatch, Destination destination, int host, Settings settings) {
        this.state = state;
        this.dispatch = dispatch;
        this.destination = destination;
        this.host = host;
        this.settings = settings;
    }

    /// The index of its host in the plan.
    int host() {
        return host;
    }

    /// Under the lock.
    void wake() {
        if (connection != null) {
            connection.wake();
        }
    }

    @Override
    public void ready(OutboundConnection ready) {
        state.locked(() -> {
            landed();
            connection = ready;
            destination.live.add(ready);
            destination.proven = true;
            destination.holds = 0;
            destination.failure = null;
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
            destination.idle.remove(connection);
            Optional<Transaction> next = poll();
            if (next.isEmpty()) {
                destination.idle.add(connection);
                if (outdated()) {
                    connection.finish();
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

    @Override
    public Optional<Transaction> following(OutboundConnection connection) {
        return state.reading(this::poll);
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
            item.phase = Item.Phase.UNDER_WAY;
            Optional<Transaction> transaction = transaction(item);
            if (transaction.isPresent()) {
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
            return destination.elsewhere.poll();
        }
        return host <= destination.host ? destination.ready.poll() : null;
    }

    private Optional<Transaction> transaction(Item item) {
        QueuedMessage message = item.message;
        try {
            Optional<BodySource> body = state.parts.spool().body(message.mid());
            if (body.isEmpty()) {
                dispatch.settlement().vanished(item);
                return Optional.empty();
            }
            return Optional.of(new Transaction(message.mid(), message.envelope().sender(), message.envelope().parameters(),
                    item.rids.stream().map(rid -> new Transaction.Addressee(rid, message.envelope().recipient(rid))).toList(),
                    message.content(), state.now(), new SpoolBody(message.prologue(), body.get())));
        } catch (IOException unreadable) {
            dispatch.settlement().defer(item, item.all(Outcome.Reason.noReply(new EnhancedCode(4, 3, 0), "the spool cannot be read: " + unreadable.getMessage())), new Dcid(0));
            return Optional.empty();
        }
    }

    @Override
    public void settled(OutboundConnection connection, Transaction transaction, TransactionResult result) {
        state.locked(() -> {
            Item item = Objects.requireNonNull(underWay.remove(transaction));
            if (used && !item.turnedAway && Facts.turnedAwayUnheard(result)) {
                item.turnedAway = true;
                again(item);
                return;
            }
            used = true;
            item.host = connection.plan().hostName();
            item.tried = state.now();
            Map<Object, Map<Integer, Outcome>> groups = new LinkedHashMap<>(2);
            for (int i = 0; i < transaction.recipients().size(); i++) {
                Outcome outcome = OutcomeRules.decide(Facts.of(result.recipients().get(i)), state.settings().relay().delivery().afterLostReply());
                groups.computeIfAbsent(kind(outcome), _ -> new LinkedHashMap<>(1)).put(transaction.recipients().get(i).rid(), outcome);
            }
            Parting parting = new Parting(item);
            groups.values().forEach(outcomes -> apply(connection, parting.of(List.copyOf(outcomes.keySet())), outcomes, result.dsnPassedOn()));
        });
    }

    /// What is settled alike.
    private static Object kind(Outcome outcome) {
        return outcome instanceof Outcome.TryNextHost(var why) ? List.of(Outcome.TryNextHost.class, why.status().statusClass()) : outcome.getClass();
    }

    /// To whoever comes next, before the others.
    private void again(Item item) {
        item.phase = Item.Phase.READY;
        if (item.fromHost > 0) {
            destination.elsewhere.addFirst(item);
        } else {
            destination.ready.addFirst(item);
        }
    }

    private Item owing(Item item) {
        untold++;
        item.told = () -> {
            untold--;
            tellEnd();
        };
        return item;
    }

    /// Nothing of this connection may follow its end in the log.
    private void tellEnd() {
        if (untold == 0 && untoldEnd != null) {
            untoldEnd.run();
            untoldEnd = null;
        }
    }

    /// Recipients that fared differently go their own ways: the first group keeps the item.
    private final class Parting {
        private final Item whole;
        private boolean taken;

        Parting(Item whole) {
            this.whole = whole;
        }

        Item of(List<Integer> rids) {
            if (!taken) {
                taken = true;
                whole.rids = new ArrayList<>(rids);
                return whole;
            }
            Item part = new Item(whole.message, destination, rids, whole.attempts, whole.due);
            part.phase = Item.Phase.UNDER_WAY;
            part.sessions = whole.sessions;
            part.fromHost = whole.fromHost;
            part.host = whole.host;
            part.tried = whole.tried;
            part.warned = whole.warned;
            part.warning = whole.warning;
            state.enter(part);
            return part;
        }
    }

    /// @param outcomes by recipient: all of the item's, all of one kind
    private void apply(OutboundConnection connection, Item item, Map<Integer, Outcome> outcomes, boolean dsnPassedOn) {
        switch (outcomes.values().iterator().next()) {
            case Outcome.Delivered(String response) -> delivered(connection, item, response, dsnPassedOn);
            case Outcome.Fail _ -> dispatch.settlement().fail(owing(item), reasons(outcomes), connection.dcid());
            case Outcome.Defer _ -> dispatch.settlement().defer(owing(item), reasons(outcomes), connection.dcid());
            case Outcome.AnotherTransaction _ -> {
                again(item);
                dispatch.pump(destination);
            }
            case Outcome.Ambiguous(var why, boolean assumeDelivered) -> {
                if (assumeDelivered) {
                    delivered(connection, item, "no reply to the end of data (" + why.text() + "), taken for delivered", dsnPassedOn);
                } else {
                    dispatch.settlement().defer(owing(item), reasons(outcomes), connection.dcid());
                }
            }
            case Outcome.TryNextHost(var why) -> {
                boolean forGood = why.status().statusClass() == 5;   // it was not sent: no session of the message
                if ((forGood || ++item.sessions < SESSIONS_A_TRY) && host + 1 < destination.hosts.size()) {
                    dispatch.elsewhere(item, reasons(outcomes), host + 1);
                } else if (forGood) {
                    dispatch.settlement().fail(owing(item), reasons(outcomes), connection.dcid());
                } else {
                    dispatch.settlement().defer(owing(item), reasons(outcomes), connection.dcid());
                }
            }
        }
    }

    private static Map<Integer, Outcome.Reason> reasons(Map<Integer, Outcome> outcomes) {
        Map<Integer, Outcome.Reason> reasons = new LinkedHashMap<>(outcomes.size());
        outcomes.forEach((rid, outcome) -> {
            if (outcome instanceof Outcome.NotDelivered not) {
                reasons.put(rid, not.reason());
            }
        });
        return reasons;
    }

    private void delivered(OutboundConnection connection, Item item, String response, boolean dsnPassedOn) {
        List<Integer> rids = List.copyOf(item.rids);
        dispatch.settlement().delivered(owing(item), response, dsnPassedOn, () -> {
            ConnectionPlan plan = connection.plan();
            DeliveryEvent.Connection on = new DeliveryEvent.Connection(connection.dcid(), destination.key.domain(), state.policy(destination).entry(), plan.hostName(),
                    EventLog.text(connection.local()), EventLog.text(plan.key().peer()), plan.key().peer().getPort());
            state.tell(new DeliveryEvent.Delivered(state.now(), on, item.message.mid(), rids, item.message.content().trueSize(),
                    Duration.between(item.received(), state.now())));
            state.tell(new DeliveryEvent.Answered(state.now(), item.message.mid(), rids, response));
        });
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
            if (!destination.live.isEmpty()) {
                // The others deliver: the host has had enough of us, and is left alone with more for a while.
                destination.ceiling = destination.live.size();
                destination.ceilingUntil = state.now().plus(CEILING_LIFE);
                return;
            }
            destination.tried.add(new DeliveryEvent.Waits.Tried(connection.plan().hostName(), connection.dcid()));
            if (tls || destination.failure == null || destination.failure.status().subject() != 7) {
                destination.failure = Facts.of(why);
            }
            destination.onlyTls &= tls;
            if (destination.state == Destination.State.OPEN) {
                destination.proven = false;
                if (host + 1 < destination.hosts.size()) {
                    destination.host = Math.max(destination.host, host + 1);
                } else if (destination.opening == 0) {
                    dispatch.hold(destination);
                }
            }
        });
    }

    /// A failed handshake is remembered for its host; while the next step stays encrypted the same host is tried on it at once.
    private boolean steppedDown(OutboundConnection connection, HostFailure.AgainstPolicy why) {
        String name = connection.plan().hostName();
        if (why.next().isEmpty()) {
            if (why.reasons().contains(TlsReason.HANDSHAKE_FAILED)) {
                state.parts.memory().forget(name);   // no step helped: the next attempt begins at the top
            }
            return false;
        }
        LadderStep next = why.next().get();
        state.parts.memory().left(name, next);
        if (!next.encrypted() || !destination.live.isEmpty() || host >= destination.hosts.size() || !destination.hosts.get(host).equals(connection.plan())) {
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
            untoldEnd = log;
            tellEnd();
            destination.sources.remove(this);
            state.connections--;
            state.connectionsByAddress.merge(connection.plan().key().peer(), -1, (old, one) -> old == 1 ? null : old + one);
            state.connectionsByGateway.merge(connection.plan().gateway(), -1, (old, one) -> old == 1 ? null : old + one);
            destination.live.remove(connection);
            destination.idle.remove(connection);
            if (destination.state == Destination.State.OPEN && destination.connections() == 0 && destination.proven && destination.elsewhere.isEmpty()) {
                destination.state = Destination.State.IDLE;
            }
            dispatch.pump(destination);
            dispatch.pumpStarved();
            state.signal();
        });
    }
}
