package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.StateChange;

/// What became of recipients: first durable, then told. All under the lock; the disk is waited for without it.
final class Settlement {

    /// When a report on failed recipients cannot be stored: the spool is full or failing.
    private static final Duration AFTER_UNSTORED_REPORT = Duration.ofSeconds(60);

    /// What follows a settlement.
    interface Next {
        /// The item is due later.
        void defer(Item item, Instant due);

        /// A report is in the queue.
        void queued(QueuedMessage report);
    }

    private final EngineState state;
    private final Next next;
    private final Notices notices;

    Settlement(EngineState state, Next next) {
        this.state = state;
        this.next = next;
        this.notices = new Notices(state, next::queued);
    }

    /// Final for all recipients of the item.
    ///
    /// @param facts told once it is durable
    void settle(Item item, RecipientState end, Runnable facts) {
        change(item, _ -> end, () -> {
            facts.run();
            finish(item);
            item.factsTold();
        });
    }

    /// The message is not in the spool any more: nothing to deliver, nothing to record.
    void vanished(Item item) {
        if (state.leave(item)) {
            state.tell(new MessageEvent.Finished(state.now(), item.message.mid(), false));
        }
        item.factsTold();
    }

    private void finish(Item item) {
        if (state.leave(item)) {
            state.tell(new MessageEvent.Finished(state.now(), item.message.mid(), true));
        }
    }

    /// A try came to nothing: tried again by the bounce profile, or given up.
    ///
    /// @param reasons by recipient: all of the item's
    void defer(Item item, Map<Integer, Outcome.Reason> reasons, Dcid dcid) {
        DestinationPolicy policy = state.policy(item.destination);
        item.nextTry();
        switch (RetrySchedule.next(policy.bounceProfile(), item.attempts, item.received(), state.now(), state.parts.random())) {
            case RetrySchedule.Next.GiveUp _ -> expire(item, reasons, dcid);
            case RetrySchedule.Next.At(Instant due) -> {
                item.reason = reasons.values().iterator().next();
                notices.watch(item);
                List<Integer> rids = List.copyOf(item.rids);
                state.parts.spool().releaseMemory(item.message.mid());
                change(item, rid -> new RecipientState.Waiting(item.attempts, due, Objects.requireNonNull(reasons.get(rid)).text(), item.warned.contains(rid)), () -> {
                    reasons.forEach((rid, why) -> state.tell(new DeliveryEvent.Delayed(state.now(), item.verdict(rid, why, dcid))));
                    state.tell(new DeliveryEvent.Pending(state.now(), item.message.mid(), rids, due, policy.bounceProfile().name()));
                    next.defer(item, due);
                    item.factsTold();
                });
            }
        }
    }

    void fail(Item item, Outcome.Reason why, Dcid dcid) {
        fail(item, item.all(why), dcid);
    }

    /// Its time is over. The sender learns what stood in the way last.
    ///
    /// @param last by recipient: all of the item's
    void expire(Item item, Map<Integer, Outcome.Reason> last, Dcid dcid) {
        Map<Integer, Outcome.Reason> ends = new LinkedHashMap<>();
        last.forEach((rid, why) -> ends.put(rid, ExpiryRules.expired(why)));
        item.lastReasons = last;
        fail(item, ends, dcid);
        item.lastReasons = Map.of();
    }

    /// Refused for good. The report is durable before the failure is: a crash between them may report twice, never not at all.
    ///
    /// @param reasons by recipient: all of the item's
    void fail(Item item, Map<Integer, Outcome.Reason> reasons, Dcid dcid) {
        notices.failed(item, reasons, told -> {
            if (told) {
                settle(item, new RecipientState.Bounced(), () -> reasons.forEach((rid, why) -> bounced(item.verdict(rid, why, dcid))));
            } else {
                next.defer(item, state.now().plus(AFTER_UNSTORED_REPORT));
                item.factsTold();
            }
        });
    }

    /// A message from `<>` has nobody to tell (RFC 5321 §6.1).
    private void bounced(DeliveryEvent.Verdict verdict) {
        state.tell(new DeliveryEvent.Bounced(state.now(), verdict));
        if (verdict.sender().isNull()) {
            state.tell(new DeliveryEvent.DoubleBounced(state.now(), verdict));
        }
    }

    /// A host took it. Where it passes no DSN request on, we tell who asked to be told (RFC 3461 §5.2.2); a report that cannot be stored is not
    /// worth a second delivery.
    ///
    /// @param facts told once it is durable
    void delivered(Item item, String response, boolean dsnPassedOn, Runnable facts) {
        if (dsnPassedOn) {
            settle(item, new RecipientState.Delivered(), facts);
        } else {
            notices.relayed(item, response, _ -> settle(item, new RecipientState.Delivered(), facts));
        }
    }

    /// A message has entered the queue, or waits on: its sender may have to be warned.
    void watch(Item item) {
        notices.watch(item);
    }

    private void change(Item item, IntFunction<RecipientState> to, Runnable durable) {
        state.settling++;
        state.parts.spool().change(item.rids.stream().map(rid -> new StateChange(item.message.mid(), rid, to.apply(rid))).toList(), () -> state.locked(() -> {
            durable.run();
            state.settling--;
            state.signal();
        }));
    }
}
