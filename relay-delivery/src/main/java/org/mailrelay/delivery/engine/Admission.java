package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;

/// A message that is in the spool becomes items: its recipients by destination, by what they have been through, and by what fits a transaction.
final class Admission {

    /// What recipients must share to travel together.
    private record Together(DestinationKey key, int attempts, Instant due, boolean warned) {}

    private final EngineState state;
    private final Dispatch dispatch;

    Admission(EngineState state, Dispatch dispatch) {
        this.state = state;
        this.dispatch = dispatch;
    }

    /// Under the lock.
    void admit(QueuedMessage message) {
        Settings settings = state.settings();
        Instant now = state.now();
        MessageNeed need = MessageNeed.of(message.envelope().parameters().requireTls(), message.content().tlsRequiredNo());
        Map<Together, List<Integer>> groups = new LinkedHashMap<>();
        for (int rid = 0; rid < message.states().size(); rid++) {
            if (message.states().get(rid) instanceof RecipientState.Waiting(int attempts, Instant next, _, boolean warned)) {
                DestinationKey key = DestinationKey.of(message.envelope().recipient(rid).domain(), message.envelope().sender(),
                        need, message.origin(), settings);
                groups.computeIfAbsent(new Together(key, attempts, attempts > 0 ? soonest(next, now, settings.destinations().match(key.domain())) : now, warned), _ -> new ArrayList<>()).add(rid);
            }
        }
        groups.forEach((together, rids) -> {
            int most = settings.destinations().match(together.key().domain()).recipientsPerMessage();
            for (int from = 0; from < rids.size(); from += most) {
                add(message, together, rids.subList(from, Math.min(rids.size(), from + most)), now);
            }
        });
    }

    /// No wait is longer than the longest, also where the clock was set back since.
    private static Instant soonest(Instant next, Instant now, DestinationPolicy policy) {
        Instant latest = now.plus(policy.bounceProfile().maxRetry());
        return next.isAfter(latest) ? latest : next;
    }

    private void add(QueuedMessage message, Together together, List<Integer> rids, Instant now) {
        Item item = new Item(message, state.destinations.computeIfAbsent(together.key(), Destination::new), rids, together.attempts(), together.due());
        item.warned = together.warned() ? Set.copyOf(rids) : Set.of();
        state.enter(item);
        dispatch.settlement().watch(item);
        if (together.due().isAfter(now)) {
            dispatch.defer(item, together.due());
        } else {
            dispatch.ready(item);
        }
    }
}
