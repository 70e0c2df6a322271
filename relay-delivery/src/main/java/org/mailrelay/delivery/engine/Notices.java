package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.report.Action;
import org.mailrelay.core.report.RecipientReport;
import org.mailrelay.core.report.ReportRate;
import org.mailrelay.core.report.ReportRules;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.StateChange;

/// Tells senders what became of their mail: failures, delays, and handovers to hosts that confirm nothing. All under the lock; a report is
/// composed and stored on a virtual thread.
final class Notices {

    /// Delays are looked for at most this often: it takes a walk over all that is queued.
    private static final Duration BETWEEN_WALKS = Duration.ofSeconds(60);

    private final EngineState state;
    private final Consumer<QueuedMessage> queued;
    private final ReportWriter writer;
    private final ReportRate rate = new ReportRate();
    /// In counted time.
    private @Nullable Instant nextWalk;
    /// Messages of which a warning is being stored.
    private final Set<Long> underWay = new HashSet<>();

    /// @param queued told, under the lock, of a report that is in the queue
    Notices(EngineState state, Consumer<QueuedMessage> queued) {
        this.state = state;
        this.queued = queued;
        this.writer = new ReportWriter(state.parts.spool(), state.parts.events(), state.parts.random(), state.parts.signing());
    }

    /// Recipients that are given up. One report tells of all of them (RFC 3464 §2.3).
    ///
    /// @param then told, under the lock, true once the report is durable or when nobody is to be told, false when it could not be stored
    void failed(Item item, Map<Integer, Outcome.Reason> reasons, Consumer<Boolean> then) {
        BounceProfile profile = profile(item);
        List<RecipientReport> reports = new ArrayList<>();
        boolean nobody = item.loaded().envelope().sender().isNull();
        reasons.forEach((rid, why) -> {
            Recipient recipient = item.loaded().envelope().recipient(rid);
            if (nobody || ReportRules.isWanted(Action.FAILED, item.loaded().envelope(), recipient)) {
                Outcome.Reason last = item.lastReasons().getOrDefault(rid, why);
                reports.add(report(item, item.loaded(), recipient, why.status(), last, Optional.empty()));
            }
        });
        Optional<Mailbox> to = nobody ? doubleBounceTo(item, profile) : item.loaded().envelope().sender().mailbox();
        if (reports.isEmpty() || to.isEmpty()) {
            then.accept(true);
            return;
        }
        send(item.loaded(), profile, Action.FAILED, to.get(), reports, then);
    }

    /// Mail from `<>`, such as our own reports, that cannot be delivered; not where it was on its way to him who gets such mail.
    private static Optional<Mailbox> doubleBounceTo(Item item, BounceProfile profile) {
        return profile.reports().doubleBounces().filter(to -> item.rids().stream().noneMatch(rid -> item.loaded().envelope().mailbox(rid).equals(to)));
    }

    /// Recipients that a host took: told where it will not do so (RFC 3461 §5.2.2), or every hop is wanted (RFC 2852 §4.1).
    void relayed(Item item, String response, boolean dsnPassedOn, Consumer<Boolean> then) {
        List<RecipientReport> reports = item.rids().stream().map(item.loaded().envelope()::recipient)
                .filter(recipient -> ReportRules.confirms(item.loaded().envelope(), recipient, dsnPassedOn))
                .map(recipient -> new RecipientReport(recipient, new EnhancedCode(2, 0, 0), new RecipientReport.Answer(250, List.of(response)), Optional.ofNullable(item.answered).map(Item.Answered::host),
                        Optional.empty(), Optional.of(state.now()), Optional.empty())).toList();
        if (reports.isEmpty()) {
            then.accept(true);
            return;
        }
        send(item.loaded(), profile(item), Action.RELAYED, item.loaded().envelope().sender().mailbox().orElseThrow(), reports, then);
    }

    private void send(QueuedMessage of, BounceProfile profile, Action action, Mailbox to, List<RecipientReport> reports, Consumer<Boolean> then) {
        Instant now = state.now();
        if (!rate.take(profile.reports().limits(), to, state.counted())) {
            state.tell(new MessageEvent.ReportDropped(now, of.mid(), action, to));
            then.accept(true);
            return;
        }
        Mailbox from = profile.reports().from().orElseGet(() -> new Mailbox("MAILER-DAEMON", state.settings().relay().hostname()));
        BounceProfile.Original original = ReportRules.returned(action, of.envelope(), profile.reports().original(), of.bodyLength());
        ReportWriter.Draft draft = new ReportWriter.Draft(of, to, from, state.settings().relay().hostname(), action, reports, original, now);
        state.settling++;
        state.background("report on MID " + of.mid(), () -> writer.write(draft, stored -> state.locked(() -> {
            then.accept(stored.isPresent());
            stored.ifPresent(queued);
            state.settling--;
            state.signal();
        })));
    }

    private RecipientReport report(Item item, QueuedMessage message, Recipient recipient, EnhancedCode status, Outcome.Reason last, Optional<Instant> retryUntil) {
        boolean tls = last.code() == 0 && last.status().subject() == 7;
        TlsLevel level = message.origin().tlsFloor().map(state.policy(item.destination).tls().level()::raisedTo).orElse(state.policy(item.destination).tls().level());
        List<DeliveryEvent.Waits.Tried> tried = item.destination.tried;
        Optional<String> host = last.code() == 0 && !tried.isEmpty() ? Optional.of(tried.getLast().mx()) : Optional.ofNullable(item.answered).map(Item.Answered::host);
        return new RecipientReport(recipient, status, new RecipientReport.Answer(last.code(), last.texts()), host,
                tls && level.required() ? Optional.of(level.word()) : Optional.empty(), host.map(_ -> item.answered == null ? state.now() : item.answered.at()), retryUntil);
    }

    private BounceProfile profile(Item item) {
        return state.policy(item.destination).bounceProfile();
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
        return ReportRules.warnAt(profile(item), message.envelope(), message.envelope().recipient(rid), received).map(at -> at.minus(Duration.between(item.received(), received)));
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
                try {
                    state.parts.spool().load(mid).ifPresent(message -> state.locked(() -> warn(message, late)));
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

    /// One report for all of a message that is late.
    private void warn(QueuedMessage message, List<Item> late) {
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
            Outcome.Reason known = item.reason != null ? item.reason : item.destination.failure;
            Outcome.Reason why = known != null ? known : Outcome.Reason.noReply(new EnhancedCode(4, 4, 0), "not tried yet");
            for (int rid : item.rids()) {
                Recipient recipient = message.envelope().recipient(rid);
                boolean due = warnAt(item, message, rid).filter(at -> !at.isAfter(now)).isPresent();
                if (due && !isWarned(item, rid)) {
                    reports.add(report(item, message, recipient, why.status(), why, Optional.of(state.wall(until))));
                    all.add(rid);
                }
            }
        }
        if (reports.isEmpty()) {
            underWay.remove(message.mid().value());
            late.forEach(Item::warnNever);
            return;
        }
        send(message, profile(any), Action.DELAYED, message.envelope().sender().mailbox().orElseThrow(), reports, told -> warned(message, late, all, told));
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
            case RecipientState.Waiting waiting -> told(waiting);
            case RecipientState.ByOrder(RecipientState.Waiting as, boolean held, Optional<String> via) -> new RecipientState.ByOrder(told(as), held, via);
            case RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> now;
        };
    }

    private static RecipientState.Waiting told(RecipientState.Waiting waiting) {
        return new RecipientState.Waiting(waiting.attempts(), waiting.next(), waiting.reason(), true);
    }
}
