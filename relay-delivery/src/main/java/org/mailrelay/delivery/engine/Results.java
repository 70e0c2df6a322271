package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.OutcomeRules;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.queue.QueuedMessage;

/// What came of the messages of one connection is settled, recipients that fared alike together. Guarded by the engine's lock.
final class Results {

    /// A session counts once EHLO and TLS policy are passed: else two hosts that always fail TLS would hide the third forever.
    private static final int SESSIONS_A_TRY = 2;

    private final EngineState state;
    private final Dispatch dispatch;
    private final Destination destination;
    private final int host;
    private DeliveryEvent.@Nullable Connection facts;
    /// Items whose facts are not told yet: the end is told after them.
    private int untold;
    private @Nullable Runnable untoldEnd;

    /// @param host the index of its host in the destination's plan
    Results(EngineState state, Dispatch dispatch, Destination destination, int host) {
        this.state = state;
        this.dispatch = dispatch;
        this.destination = destination;
        this.host = host;
    }

    /// @param item whose recipients are those of the transaction
    void settle(OutboundConnection connection, Item item, Transaction transaction, TransactionResult result) {
        Map<Object, Map<Integer, Outcome>> groups = new LinkedHashMap<>(2);
        for (int i = 0; i < transaction.recipients().size(); i++) {
            Outcome outcome = OutcomeRules.decide(Facts.of(result.recipients().get(i)), state.settings().relay().delivery().afterLostReply());
            groups.computeIfAbsent(kind(outcome), _ -> new LinkedHashMap<>(1)).put(transaction.recipients().get(i).rid(), outcome);
        }
        Parting parting = new Parting(state, item);
        groups.values().forEach(outcomes -> apply(connection, parting.of(List.copyOf(outcomes.keySet())), outcomes, result.dsnPassedOn()));
    }

    /// @param log tells of the connection's end
    void ended(Runnable log) {
        untoldEnd = log;
        tellEnd();
    }

    /// What is settled alike.
    private static Object kind(Outcome outcome) {
        return outcome instanceof Outcome.TryNextHost(var why) ? List.of(Outcome.TryNextHost.class, why.status().statusClass()) : outcome.getClass();
    }

    private Item owing(Item item) {
        untold++;
        item.owing(() -> {
            untold--;
            tellEnd();
        });
        return item;
    }

    /// Nothing of this connection may follow its end in the log.
    private void tellEnd() {
        if (untold == 0 && untoldEnd != null) {
            untoldEnd.run();
            untoldEnd = null;
        }
    }

    /// @param outcomes by recipient: all of the item's, all of one kind
    private void apply(OutboundConnection connection, Item item, Map<Integer, Outcome> outcomes, boolean dsnPassedOn) {
        switch (outcomes.values().iterator().next()) {
            case Outcome.Delivered(String response) -> delivered(connection, item, response, dsnPassedOn);
            case Outcome.Fail _ -> dispatch.settlement().fail(owing(item), reasons(outcomes), connection.dcid());
            case Outcome.Defer _ -> dispatch.settlement().defer(owing(item), reasons(outcomes), connection.dcid());
            case Outcome.AnotherTransaction _ -> dispatch.again(item);
            case Outcome.Ambiguous(var why, boolean assumeDelivered) -> {
                state.tell(new DeliveryEvent.Ambiguous(state.now(), on(connection), item.mid(), item.rids(), why.text(), assumeDelivered));
                if (assumeDelivered) {
                    delivered(connection, item, "no reply to the end of data (" + why.text() + "), taken for delivered", dsnPassedOn);
                } else {
                    dispatch.settlement().defer(owing(item), reasons(outcomes), connection.dcid());
                }
            }
            case Outcome.TryNextHost(var why) -> {
                boolean forGood = why.status().statusClass() == 5;   // it was not sent: no session of the message
                if ((forGood || ++item.sessions < SESSIONS_A_TRY) && host + 1 < destination.hosts.size()) {
                    item.visited(connection.dcid());
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
        List<Integer> rids = item.rids();
        QueuedMessage message = item.loaded();
        dispatch.settlement().delivered(owing(item), response, dsnPassedOn, () -> {
            state.tell(new DeliveryEvent.Delivered(state.now(), on(connection), message.mid(), rids, message.content().trueSize(),
                    Duration.between(item.received(), state.counted())));
            state.tell(new DeliveryEvent.Answered(state.now(), message.mid(), rids, response));
        });
    }

    private DeliveryEvent.Connection on(OutboundConnection connection) {
        DeliveryEvent.Connection known = facts;
        if (known == null) {
            ConnectionPlan plan = connection.plan();
            known = new DeliveryEvent.Connection(connection.dcid(), destination.key.domain(), state.policy(destination).entry(), plan.hostName(),
                    EventLog.text(connection.local()), EventLog.text(plan.key().peer()), plan.key().peer().getPort());
            facts = known;
        }
        return known;
    }
}
