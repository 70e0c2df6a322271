package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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

/// Tells senders what became of their mail: failures, handovers to hosts that confirm nothing, and by [DelayWarnings] what is late. All under the lock; a
/// report is composed and stored without it.
final class Notices {

    private final EngineState state;
    private final Consumer<QueuedMessage> queued;
    private final ReportWriter writer;
    private final ReportRate rate = new ReportRate();
    private final DelayWarnings warnings;

    /// @param queued told, under the lock, of a report that is in the queue
    Notices(EngineState state, Consumer<QueuedMessage> queued) {
        this.state = state;
        this.queued = queued;
        this.warnings = new DelayWarnings(state, this);
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

    /// @param then told, under the lock, true once the report is durable or when nobody is to be told, false when it could not be stored
    void send(QueuedMessage of, BounceProfile profile, Action action, Mailbox to, List<RecipientReport> reports, Consumer<Boolean> then) {
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

    /// @param last what stood in the way last
    RecipientReport report(Item item, QueuedMessage message, Recipient recipient, EnhancedCode status, Outcome.Reason last, Optional<Instant> retryUntil) {
        boolean tls = last.code() == 0 && last.status().subject() == 7;
        TlsLevel level = message.origin().tlsFloor().map(state.policy(item.destination).tls().level()::raisedTo).orElse(state.policy(item.destination).tls().level());
        List<DeliveryEvent.Waits.Tried> tried = item.destination.tried;
        Optional<String> host = last.code() == 0 && !tried.isEmpty() ? Optional.of(tried.getLast().mx()) : Optional.ofNullable(item.answered).map(Item.Answered::host);
        return new RecipientReport(recipient, status, new RecipientReport.Answer(last.code(), last.texts()), host,
                tls && level.required() ? Optional.of(level.word()) : Optional.empty(), host.map(_ -> item.answered == null ? state.now() : item.answered.at()), retryUntil);
    }

    BounceProfile profile(Item item) {
        return state.policy(item.destination).bounceProfile();
    }

    /// Sees that the item's sender is warned in time, should it still be here then.
    void watch(Item item, QueuedMessage message) {
        warnings.watch(item, message);
    }
}
