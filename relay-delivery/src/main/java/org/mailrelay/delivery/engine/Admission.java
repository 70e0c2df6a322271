package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.delivery.ClockJump;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;

/// A message that is in the spool becomes items: its recipients by destination, by what they have been through, and by what fits a transaction.
final class Admission {

    /// What recipients must share to travel together.
    private record Together(DestinationKey key, int attempts, Instant due, boolean held) {}

    private final EngineState state;
    private final Dispatch dispatch;

    Admission(EngineState state, Dispatch dispatch) {
        this.state = state;
        this.dispatch = dispatch;
    }

    /// Under the lock. A message that is here already stays as it is.
    ///
    /// @param fresh it was accepted just now: its first attempt needs nothing of the disk
    void admit(QueuedMessage message, boolean fresh) {
        if (state.messages.contains(message.mid())) {
            return;
        }
        Settings settings = state.settings();
        Instant now = state.counted();
        MessageNeed need = MessageNeed.of(message.envelope().parameters().requireTls(), message.content().tlsRequiredNo());
        Map<Together, List<Integer>> groups = new LinkedHashMap<>(2);
        for (int rid = 0; rid < message.states().size(); rid++) {
            RecipientState recipient = message.states().get(rid);
            Optional<RecipientState.Waiting> waiting = recipient.waiting();
            if (waiting.isPresent()) {
                DestinationKey key = DestinationKey.of(message.envelope().recipient(rid).domain(), message.envelope().sender(), need, message.origin(), settings);
                boolean held = false;
                if (recipient instanceof RecipientState.ByOrder(_, boolean kept, Optional<String> via)) {
                    held = kept;
                    key = via.flatMap(text -> Redirection.parse(text, settings.relay().delivery().port())).map(key::by).orElse(key);
                }
                groups.computeIfAbsent(new Together(key, waiting.get().attempts(), waiting.get().attempts() > 0 ? soonest(waiting.get().next(), now, settings.destinations().match(key.domain())) : released(message, now, fresh), held),
                        _ -> new ArrayList<>(1)).add(rid);
            }
        }
        groups.forEach((together, rids) -> {
            int most = rids.size() == 1 ? 1 : mostTogether(together.key(), settings);
            for (int from = 0; from < rids.size(); from += most) {
                add(message, together, rids.subList(from, Math.min(rids.size(), from + most)), fresh);
            }
        });
    }

    /// Recipients of one transaction, by the destination's policy and its virtual gateway's limits.
    private static int mostTogether(DestinationKey key, Settings settings) {
        DestinationPolicy policy = settings.destinations().match(key.domain());
        int most = Math.min(policy.recipientsPerMessage(), policy.recipientRate().map(RecipientRate::recipients).orElse(Integer.MAX_VALUE));
        return settings.sources().gateway(key.domain(), key.gateway()).recipientsPerMessage(most);
    }

    /// No wait is longer than the longest, also where the clock was set back since.
    private static Instant soonest(Instant next, Instant now, DestinationPolicy policy) {
        Instant latest = now.plus(policy.bounceProfile().maxRetry());
        return next.isAfter(latest) ? latest : next;
    }

    /// Not before its sender wants it delivered (RFC 4865 §4).
    private Instant released(QueuedMessage message, Instant now, boolean fresh) {
        return message.envelope().parameters().holdUntil().map(until -> counted(until, fresh)).filter(now::isBefore).orElse(now);
    }

    /// What was written before the start is of a time when the clock had not been set since.
    private Instant counted(Instant wall, boolean fresh) {
        return fresh ? state.clock.counted(wall) : wall;
    }

    /// The clock may have been set between its acceptance and now.
    private Instant received(QueuedMessage message, boolean fresh) {
        Instant received = counted(message.origin().received(), fresh);
        Instant now = state.counted();
        return fresh && state.clock.wasSet() && Duration.between(received, now).abs().compareTo(ClockJump.LEAST) >= 0 ? now : received;
    }

    private void add(QueuedMessage message, Together together, List<Integer> rids, boolean fresh) {
        Item item = new Item(message.mid().value(), received(message, fresh), state.destination(together.key()), rids, together.attempts());
        item.begins(state.lifetime(item, message).ends().minus(state.policy(item.destination).bounceProfile().maxTimeInQueue()));
        state.enter(item);
        dispatch.settlement().watch(item, message);
        if (together.held()) {
            state.become(item, Item.Phase.KEPT);
            return;
        }
        if (Duration.between(state.counted(), together.due()).isPositive()) {
            dispatch.defer(item, together.due());
            return;
        }
        if (fresh) {
            state.keepFresh(item, message);
        }
        dispatch.ready(item);
    }
}
