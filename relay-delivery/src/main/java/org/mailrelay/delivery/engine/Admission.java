package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.delivery.Lifetime;
import org.mailrelay.core.settings.BounceProfile;
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
        Instant now = state.now();
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
                groups.computeIfAbsent(new Together(key, waiting.get().attempts(), waiting.get().attempts() > 0 ? soonest(waiting.get().next(), now, settings.destinations().match(key.domain())) : released(message, now), held),
                        _ -> new ArrayList<>(1)).add(rid);
            }
        }
        groups.forEach((together, rids) -> {
            DestinationPolicy policy = settings.destinations().match(together.key().domain());
            int most = Math.min(policy.recipientsPerMessage(), policy.recipientRate().map(RecipientRate::recipients).orElse(Integer.MAX_VALUE));
            for (int from = 0; from < rids.size(); from += most) {
                add(message, together, rids.subList(from, Math.min(rids.size(), from + most)), fresh);
            }
        });
    }

    /// No wait is longer than the longest, also where the clock was set back since.
    private static Instant soonest(Instant next, Instant now, DestinationPolicy policy) {
        Instant latest = now.plus(policy.bounceProfile().maxRetry());
        return next.isAfter(latest) ? latest : next;
    }

    /// Not before its sender wants it delivered (RFC 4865 §4).
    private static Instant released(QueuedMessage message, Instant now) {
        return message.envelope().parameters().holdUntil().filter(now::isBefore).orElse(now);
    }

    private void add(QueuedMessage message, Together together, List<Integer> rids, boolean fresh) {
        Item item = new Item(message.mid().value(), message.origin().received(), state.destination(together.key()), rids, together.attempts());
        BounceProfile profile = state.policy(item.destination).bounceProfile();
        item.counted = Lifetime.of(profile, item.received(), message.envelope().parameters()).ends().minus(profile.maxTimeInQueue()).toEpochMilli();
        state.enter(item);
        dispatch.settlement().watch(item, message);
        if (together.held()) {
            state.become(item, Item.Phase.KEPT);
            return;
        }
        if (Duration.between(state.now(), together.due()).isPositive()) {
            dispatch.defer(item, together.due());
            return;
        }
        if (fresh) {
            state.keepFresh(item, message);
        }
        dispatch.ready(item);
    }
}
