package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.StateChange;

/// What became of recipients: first durable, then told. All under the lock; the disk is waited for without it.
final class Settlement {

    /// At most, when a report on failed recipients cannot be stored: the spool is full or failing.
    private static final Duration AFTER_UNSTORED_REPORT = Duration.ofSeconds(60);

    /// What follows a settlement.
    interface Next {
        /// The item is due later.
        ///
        /// @param due in counted time
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
            state.tell(new MessageEvent.Finished(state.now(), item.mid(), false));
        }
        item.factsTold();
    }

    private void finish(Item item) {
        if (state.leave(item)) {
            state.tell(new MessageEvent.Finished(state.now(), item.mid(), true));
        }
    }

    /// A try came to nothing: tried again by the bounce profile, or given up.
    ///
    /// @param reasons by recipient: all of the item's
    void defer(Item item, Map<Integer, Outcome.Reason> reasons, Dcid dcid) {
        if (item.message == null) {
            load(item, () -> defer(item, reasons, dcid));
            return;
        }
        DestinationPolicy policy = state.policy(item.destination);
        List<Dcid> visits = item.visits(dcid);
        item.nextTry();
        switch (RetrySchedule.next(policy.bounceProfile(), item.attempts, state.lifetime(item, item.loaded()), state.counted(), state.parts.random())) {
            case RetrySchedule.Next.GiveUp _ -> expire(item, reasons, dcid);
            case RetrySchedule.Next.At(Instant due) -> {
                QueuedMessage message = item.loaded();
                List<Integer> rids = item.rids();
                notices.watch(item, message);
                state.parts.spool().releaseMemory(item.mid());
                change(item, rid -> waiting(item, rid, state.wall(due), WaitCause.of(Objects.requireNonNull(reasons.get(rid)), visits).stored()), () -> {
                    reasons.forEach((rid, why) -> state.tell(new DeliveryEvent.Delayed(state.now(), item.verdict(message, rid, why, dcid, policy.entry()))));
                    state.tell(new DeliveryEvent.Pending(state.now(), item.mid(), rids, state.wall(due), policy.bounceProfile().name()));
                    next.defer(item, due);
                    item.factsTold();
                });
            }
        }
    }

    private RecipientState waiting(Item item, int rid, Instant due, String reason) {
        RecipientState.Waiting waiting = new RecipientState.Waiting(item.attempts, due, reason, present(item, rid).warned());
        return item.destination.key.via().<RecipientState>map(via -> new RecipientState.ByOrder(waiting, false, Optional.of(via.toString()))).orElse(waiting);
    }

    /// What the spool says of a recipient that waits.
    private RecipientState.Waiting present(Item item, int rid) {
        return state.parts.spool().changed(item.mid(), rid).flatMap(RecipientState::waiting)
                .orElseGet(() -> new RecipientState.Waiting(item.attempts, item.attempts == 0 ? Instant.EPOCH : state.now(), ""));
    }

    /// Its record cannot be read: the spool has said so. It is kept and tried again, for a report on it could not be made either.
    void unreadable(Item item, String why) {
        DestinationPolicy policy = state.policy(item.destination);
        item.nextTry();
        Instant due = state.counted().plus(RetrySchedule.wait(policy.bounceProfile().initialRetry(), policy.bounceProfile().maxRetry(), item.attempts, state.parts.random()));
        List<Integer> rids = item.rids();
        change(item, rid -> waiting(item, rid, state.wall(due), "the spool cannot be read: " + why), () -> {
            state.tell(new DeliveryEvent.Pending(state.now(), item.mid(), rids, state.wall(due), policy.bounceProfile().name()));
            next.defer(item, due);
            item.factsTold();
        });
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
        item.lastReasons(last);
        fail(item, ends, dcid);
    }

    /// Refused for good. The report is durable before the failure is: a crash between them may report twice, never not at all.
    ///
    /// @param reasons by recipient: all of the item's
    void fail(Item item, Map<Integer, Outcome.Reason> reasons, Dcid dcid) {
        QueuedMessage message = item.message;
        if (message == null) {
            load(item, () -> fail(item, reasons, dcid));
            return;
        }
        String entry = state.policy(item.destination).entry();
        notices.failed(item, reasons, told -> {
            item.lastReasons(Map.of());
            if (told) {
                settle(item, new RecipientState.Bounced(), () -> reasons.forEach((rid, why) -> bounced(item.verdict(message, rid, why, dcid, entry))));
            } else {
                Duration first = state.policy(item.destination).bounceProfile().initialRetry();
                next.defer(item, state.counted().plus(first.compareTo(AFTER_UNSTORED_REPORT) < 0 ? first : AFTER_UNSTORED_REPORT));
                item.factsTold();
            }
        });
    }

    /// @param then under the lock, once the message is in memory; not where there is none to be had
    private void load(Item item, Runnable then) {
        state.background("load MID " + item.mid, () -> read(item, then));
    }

    private void read(Item item, Runnable then) {
        try {
            Optional<QueuedMessage> found = state.parts.spool().load(item.mid());
            state.locked(() -> {
                if (found.isPresent()) {
                    state.keep(item, found.get());
                    then.run();
                } else {
                    vanished(item);
                }
            });
        } catch (IOException unreadable) {
            state.locked(() -> unreadable(item, String.valueOf(unreadable.getMessage())));
        }
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
        notices.relayed(item, response, dsnPassedOn, _ -> settle(item, new RecipientState.Delivered(), facts));
    }

    /// A message has entered the queue, or waits on: its sender may have to be warned.
    void watch(Item item, QueuedMessage message) {
        notices.watch(item, message);
    }

    void delete(Item item) {
        Mid mid = item.mid();
        List<Integer> rids = item.rids();
        settle(item, new RecipientState.Deleted(), () -> rids.forEach(rid -> state.tell(new MessageEvent.Deleted(state.now(), mid, rid))));
    }

    /// An operator's word about recipients that go on waiting.
    ///
    /// @param then under the lock, once it is durable and told
    void direct(Item item, boolean held, String words, Runnable then) {
        List<Integer> rids = item.rids();
        Optional<String> via = item.destination.key.via().map(Redirection::toString);
        change(item, rid -> held || via.isPresent() ? new RecipientState.ByOrder(present(item, rid), held, via) : present(item, rid), () -> {
            state.tell(new MessageEvent.Directed(state.now(), item.mid(), rids, words));
            then.run();
            item.factsTold();
        });
    }

    private void change(Item item, IntFunction<RecipientState> to, Runnable durable) {
        state.settling++;
        state.parts.spool().change(item.rids().stream().map(rid -> new StateChange(item.mid(), rid, to.apply(rid))).toList(), () -> state.durable(() -> {
            durable.run();
            state.settling--;
            state.signal();
        }));
    }
}
