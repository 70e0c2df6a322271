package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.report.Action;
import org.mailrelay.core.report.RecipientReport;
import org.mailrelay.core.report.ReportRules;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.StateChange;

/// Warns senders of mail that is late, once a recipient, over restarts too. All under the lock, but for what is read.
final class DelayWarnings {

    /// Delays are looked for at most this often: it takes a walk over all that is queued.
    private static final Duration BETWEEN_WALKS = Duration.ofSeconds(60);
    private static final Outcome.Reason NOT_TRIED = Outcome.Reason.noReply(new EnhancedCode(4, 4, 0), "not tried yet");

    private final EngineState state;
    private final Notices notices;
    /// In counted time.
    private @Nullable Instant nextWalk;
    /// Messages of which a warning is being stored.
    private final Set<Long> underWay = new HashSet<>();

    DelayWarnings(EngineState state, Notices notices) {
        this.state = state;
        this.notices = notices;
    }

    /// Sees that the item's sender is warned in time, should it still be here then.
    void watch(Item item, QueuedMessage message) {
        if (underWay.contains(item.mid)) {
            return;
        }
        Instant soonest = Instant.MAX;
        for (int rid : item.rids()) {
            if (!isWarned(item, rid)) {
                Instant at = warnAt(item, message, rid).orElse(Instant.MAX);
                soonest = at.isBefore(soonest) ? at : soonest;
            }
        }
        item.warnAt(soonest);
        if (!soonest.equals(Instant.MAX)) {
            walkAt(Instant.ofEpochMilli(item.warnAt()));
        }
    }

    /// In counted time.
    private Optional<Instant> warnAt(Item item, QueuedMessage message, int rid) {
        Instant received = message.origin().received();
        return ReportRules.warnAt(notices.profile(item), message.envelope(), message.envelope().recipient(rid), received).map(at -> at.minus(Duration.between(item.received(), received)));
    }

    private boolean isWarned(Item item, int rid) {
        return state.parts.spool().changed(item.mid(), rid).flatMap(RecipientState::waiting).map(RecipientState.Waiting::warned).orElse(false);
    }

    private void walkAt(Instant at) {
        if (nextWalk != null && !at.isBefore(nextWalk)) {
            return;
        }
        nextWalk = at;
        Instant now = state.counted();
        state.parts.timer().after(at.isAfter(now) ? Duration.between(now, at) : Duration.ZERO, () -> state.locked(() -> {
            if (at.equals(nextWalk) && !state.stopping) {
                nextWalk = null;
                state.background("delay-warnings", this::walk);
            }
        }));
    }

    /// Warns of all that is late now, whatever it waits for: the next try, a host, or what TLS policy asks of one. In parts, and reading without the lock.
    private void walk() {
        long[] soonest = {Long.MAX_VALUE};
        for (int part = 0; part < MessageTable.PARTS; part++) {
            int number = part;
            for (List<Item> late : state.reading(() -> late(number, soonest))) {
                Mid mid = late.getFirst().mid();
                while (state.reading(state::isBusy)) {
                    LockSupport.parkNanos(EngineState.BREATH_NANOS);
                }
                try {
                    Map<Item, Outcome.Reason> known = reasons(late);
                    state.parts.spool().load(mid).ifPresent(message -> state.locked(() -> warn(message, late, known)));
                } catch (IOException unreadable) {
                    // the spool has said so; a warning quotes the message
                }
            }
        }
        if (soonest[0] != Long.MAX_VALUE) {
            state.locked(() -> {
                Instant earliest = state.counted().plus(BETWEEN_WALKS);
                Instant next = Instant.ofEpochMilli(soonest[0]);
                walkAt(next.isAfter(earliest) ? next : earliest);
            });
        }
    }

    /// The late items of one part of the queue, by message; what is under way is looked at again.
    private List<List<Item>> late(int part, long[] soonest) {
        long now = state.counted().toEpochMilli();
        Map<Long, List<Item>> late = new LinkedHashMap<>();
        for (Item item : state.messages.part(part)) {
            if (item.warnAt() != Long.MAX_VALUE) {
                if (item.warnAt() > now || item.phase == Item.Phase.UNDER_WAY) {
                    soonest[0] = Math.min(soonest[0], item.warnAt());
                } else if (!state.stopping) {
                    late.computeIfAbsent(item.mid, _ -> new ArrayList<>(1)).add(item);
                }
            }
        }
        return List.copyOf(late.values());
    }

    /// What they were told when they were tried; not of those that were not.
    private Map<Item, Outcome.Reason> reasons(List<Item> late) {
        Map<Item, Outcome.Reason> known = new IdentityHashMap<>();
        for (Item item : late) {
            WaitCause.ofStored(state.parts.spool().reason(item.mid(), item.firstRid())).reason().ifPresent(why -> known.put(item, why));
        }
        return known;
    }

    /// One report for all of a message that is late.
    private void warn(QueuedMessage message, List<Item> late, Map<Item, Outcome.Reason> tried) {
        if (!underWay.add(message.mid().value())) {
            return;
        }
        Instant now = state.counted();
        List<RecipientReport> reports = new ArrayList<>();
        List<Integer> all = new ArrayList<>();
        Item any = late.getFirst();
        for (Item item : late) {
            Instant until = state.lifetime(item, message).ends();
            if (item.phase == Item.Phase.GONE || item.phase == Item.Phase.UNDER_WAY || !now.isBefore(until)) {
                continue;
            }
            Outcome.Reason known = item.destination.failure == null ? NOT_TRIED : item.destination.failure;
            Outcome.Reason why = tried.getOrDefault(item, known);
            for (int rid : item.rids()) {
                Recipient recipient = message.envelope().recipient(rid);
                boolean due = warnAt(item, message, rid).filter(at -> !at.isAfter(now)).isPresent();
                if (due && !isWarned(item, rid)) {
                    reports.add(notices.report(item, message, recipient, why.status(), why, Optional.of(state.wall(until))));
                    all.add(rid);
                }
            }
        }
        if (reports.isEmpty()) {
            underWay.remove(message.mid().value());
            late.forEach(Item::warnNever);
            return;
        }
        notices.send(message, notices.profile(any), Action.DELAYED, message.envelope().sender().mailbox().orElseThrow(), reports, told -> warned(message, late, all, told));
    }

    /// It is durable that they were warned, so that a restart does not repeat it.
    private void warned(QueuedMessage message, List<Item> late, List<Integer> rids, boolean told) {
        if (!told) {
            underWay.remove(message.mid().value());
            walkAt(state.counted().plus(BETWEEN_WALKS));
            return;
        }
        late.forEach(Item::warnNever);
        List<StateChange> changes = rids.stream().map(rid -> new StateChange(message.mid(), rid, warned(message, rid))).toList();
        state.settling++;
        state.parts.spool().change(changes, () -> state.locked(() -> {
            underWay.remove(message.mid().value());
            late.forEach(item -> watch(item, message));
            state.settling--;
            state.signal();
        }));
    }

    private RecipientState warned(QueuedMessage message, int rid) {
        RecipientState now = state.parts.spool().changed(message.mid(), rid).orElseGet(() -> new RecipientState.Waiting(0, message.origin().received(), ""));
        return switch (now) {
            case RecipientState.Waiting waiting -> waiting.told();
            case RecipientState.ByOrder(RecipientState.Waiting as, boolean held, Optional<String> via) -> new RecipientState.ByOrder(as.told(), held, via);
            case RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> now;
        };
    }
}
