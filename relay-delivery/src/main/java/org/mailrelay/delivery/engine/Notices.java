package org.mailrelay.delivery.engine;

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
    private @Nullable Instant nextWalk;

    /// @param queued told, under the lock, of a report that is in the queue
    Notices(EngineState state, Consumer<QueuedMessage> queued) {
        this.state = state;
        this.queued = queued;
        this.writer = new ReportWriter(state.parts.spool(), state.parts.events(), state.parts.random());
    }

    /// Recipients that are given up. One report tells of all of them (RFC 3464 §2.3).
    ///
    /// @param then told, under the lock, true once the report is durable or when nobody is to be told, false when it could not be stored
    void failed(Item item, Map<Integer, Outcome.Reason> reasons, Consumer<Boolean> then) {
        BounceProfile profile = profile(item);
        List<RecipientReport> reports = new ArrayList<>();
        boolean nobody = item.message.envelope().sender().isNull();
        reasons.forEach((rid, why) -> {
            Recipient recipient = item.message.envelope().recipient(rid);
            if (nobody || ReportRules.isWanted(Action.FAILED, item.message.envelope(), recipient)) {
                Outcome.Reason last = item.lastReasons.getOrDefault(rid, why);
                reports.add(report(item, recipient, why.status(), last, Optional.empty()));
            }
        });
        Optional<Mailbox> to = nobody ? doubleBounceTo(item, profile) : item.message.envelope().sender().mailbox();
        if (reports.isEmpty() || to.isEmpty()) {
            then.accept(true);
            return;
        }
        send(item, profile, Action.FAILED, to.get(), reports, then);
    }

    /// Mail from `<>`, such as our own reports, that cannot be delivered; not where it was on its way to him who gets such mail.
    private static Optional<Mailbox> doubleBounceTo(Item item, BounceProfile profile) {
        return profile.reports().doubleBounces().filter(to -> item.rids.stream().noneMatch(rid -> item.message.envelope().mailbox(rid).equals(to)));
    }

    /// Recipients that a host took which passes no DSN request on (RFC 3461 §5.2.2).
    void relayed(Item item, String response, Consumer<Boolean> then) {
        List<RecipientReport> reports = item.rids.stream().map(item.message.envelope()::recipient)
                .filter(recipient -> ReportRules.isWanted(Action.RELAYED, item.message.envelope(), recipient))
                .map(recipient -> new RecipientReport(recipient, new EnhancedCode(2, 0, 0), new RecipientReport.Answer(250, List.of(response)), Optional.ofNullable(item.host),
                        Optional.empty(), Optional.of(state.now()), Optional.empty())).toList();
        if (reports.isEmpty()) {
            then.accept(true);
            return;
        }
        send(item, profile(item), Action.RELAYED, item.message.envelope().sender().mailbox().orElseThrow(), reports, then);
    }

    private void send(Item item, BounceProfile profile, Action action, Mailbox to, List<RecipientReport> reports, Consumer<Boolean> then) {
        Instant now = state.now();
        if (!rate.take(profile.reports().limits(), to, now)) {
            state.tell(new MessageEvent.ReportDropped(now, item.message.mid(), action, to));
            then.accept(true);
            return;
        }
        QueuedMessage of = item.message;
        Mailbox from = profile.reports().from().orElseGet(() -> new Mailbox("MAILER-DAEMON", state.settings().relay().hostname()));
        BounceProfile.Original original = ReportRules.returned(action, of.envelope(), profile.reports().original(), of.bodyLength());
        ReportWriter.Draft draft = new ReportWriter.Draft(of, to, from, state.settings().relay().hostname(), action, reports, original, now);
        state.settling++;
        Thread.ofVirtual().name("report on MID " + of.mid()).start(() -> writer.write(draft, stored -> state.locked(() -> {
            then.accept(stored.isPresent());
            stored.ifPresent(queued);
            state.settling--;
            state.signal();
        })));
    }

    private RecipientReport report(Item item, Recipient recipient, EnhancedCode status, Outcome.Reason last, Optional<Instant> retryUntil) {
        boolean tls = last.code() == 0 && last.status().subject() == 7;
        TlsLevel level = item.message.origin().tlsFloor().map(state.policy(item.destination).tls().level()::raisedTo).orElse(state.policy(item.destination).tls().level());
        List<DeliveryEvent.Waits.Tried> tried = item.destination.tried;
        Optional<String> host = last.code() == 0 && !tried.isEmpty() ? Optional.of(tried.getLast().mx()) : Optional.ofNullable(item.host);
        return new RecipientReport(recipient, status, new RecipientReport.Answer(last.code(), last.texts()), host,
                tls && level.required() ? Optional.of(level.word()) : Optional.empty(), host.map(_ -> item.tried == null ? state.now() : item.tried), retryUntil);
    }

    private BounceProfile profile(Item item) {
        return state.policy(item.destination).bounceProfile();
    }

    /// Sees that the item's sender is warned in time, should it still be here then.
    void watch(Item item) {
        for (int rid : item.rids) {
            if (!item.warned.contains(rid)) {
                ReportRules.warnAt(profile(item), item.message.envelope(), item.message.envelope().recipient(rid), item.received()).ifPresent(this::walkAt);
            }
        }
    }

    private void walkAt(Instant at) {
        if (nextWalk != null && !at.isBefore(nextWalk)) {
            return;
        }
        nextWalk = at;
        Instant now = state.now();
        state.parts.timer().after(at.isAfter(now) ? Duration.between(now, at) : Duration.ZERO, () -> state.locked(() -> {
            if (at.equals(nextWalk)) {
                nextWalk = null;
                walk();
            }
        }));
    }

    /// Warns of all that is late now, whatever it waits for: the next try, a host, or what TLS policy asks of one.
    private void walk() {
        if (state.stopping) {
            return;
        }
        Instant now = state.now();
        Instant soonest = Instant.MAX;
        List<Map<Item, List<Integer>>> late = new ArrayList<>();
        for (List<Item> items : state.messages.values()) {
            Map<Item, List<Integer>> ofMessage = new LinkedHashMap<>(0);
            for (Item item : items) {
                List<Integer> due = new ArrayList<>(0);
                for (int rid : item.rids) {
                    Instant at = warnAt(item, rid, now);
                    if (at.isAfter(now)) {
                        soonest = at.isBefore(soonest) ? at : soonest;
                    } else {
                        due.add(rid);
                    }
                }
                boolean underWay = item.phase == Item.Phase.UNDER_WAY || item.phase == Item.Phase.GONE;
                if (!due.isEmpty() && underWay) {
                    soonest = now;
                } else if (!due.isEmpty()) {
                    ofMessage.put(item, due);
                }
            }
            if (!ofMessage.isEmpty()) {
                late.add(ofMessage);
            }
        }
        late.forEach(this::warn);
        if (!soonest.equals(Instant.MAX)) {
            Instant earliest = now.plus(BETWEEN_WALKS);
            walkAt(soonest.isAfter(earliest) ? soonest : earliest);
        }
    }

    /// [Instant#MAX] for never.
    private Instant warnAt(Item item, int rid, Instant now) {
        if (item.warned.contains(rid) || item.warning.contains(rid)) {
            return Instant.MAX;
        }
        BounceProfile profile = profile(item);
        boolean ends = !now.isBefore(item.received().plus(profile.maxTimeInQueue()));
        return ends ? Instant.MAX : ReportRules.warnAt(profile, item.message.envelope(), item.message.envelope().recipient(rid), item.received()).orElse(Instant.MAX);
    }

    /// One report for all of a message that is late.
    private void warn(Map<Item, List<Integer>> late) {
        List<RecipientReport> reports = new ArrayList<>();
        List<Integer> all = new ArrayList<>();
        late.forEach((item, rids) -> {
            Instant until = item.received().plus(profile(item).maxTimeInQueue());
            Outcome.Reason known = item.reason != null ? item.reason : item.destination.failure;
            Outcome.Reason why = known != null ? known : Outcome.Reason.noReply(new EnhancedCode(4, 4, 0), "not tried yet");
            rids.forEach(rid -> reports.add(report(item, item.message.envelope().recipient(rid), why.status(), why, Optional.of(until))));
            item.warning = with(item.warning, rids);
            all.addAll(rids);
        });
        Item any = late.keySet().iterator().next();
        send(any, profile(any), Action.DELAYED, any.message.envelope().sender().mailbox().orElseThrow(), reports, told -> warned(any.message, all, told));
    }

    /// It is durable that they were warned, so that a restart does not repeat it. They may travel in other items than before.
    private void warned(QueuedMessage message, List<Integer> rids, boolean told) {
        List<StateChange> changes = new ArrayList<>(rids.size());
        for (Item item : state.messages.getOrDefault(message.mid(), List.of())) {
            for (int rid : item.rids) {
                if (rids.contains(rid)) {
                    item.warning = without(item.warning, rid);
                    if (told) {
                        item.warned = with(item.warned, List.of(rid));
                        changes.add(new StateChange(message.mid(), rid, new RecipientState.Waiting(item.attempts, item.due, item.reason == null ? "" : item.reason.text(), true)));
                    }
                }
            }
        }
        if (!told) {
            walkAt(state.now().plus(BETWEEN_WALKS));
        } else if (!changes.isEmpty()) {
            state.settling++;
            state.parts.spool().change(changes, () -> state.locked(() -> {
                state.settling--;
                state.signal();
            }));
        }
    }

    private static Set<Integer> with(Set<Integer> set, List<Integer> more) {
        Set<Integer> all = new HashSet<>(set);
        all.addAll(more);
        return Set.copyOf(all);
    }

    private static Set<Integer> without(Set<Integer> set, int one) {
        Set<Integer> rest = new HashSet<>(set);
        rest.remove(one);
        return Set.copyOf(rest);
    }
}
