package org.mailrelay.app.serve;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.app.simulate.ExceptionReport;
import org.mailrelay.config.Units;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.report.ReportJson;
import org.mailrelay.observe.report.TlsReport;
import org.mailrelay.observe.session.SessionRecord;
import org.mailrelay.observe.session.SessionRecords;
import org.mailrelay.observe.simulate.ExceptionNeeds;

/// `policy report`: what trial levels saw; `tls-report preview`: a day's TLS reports as they would be sent.
final class PolicyReport {

    private static final Duration STANDARD = Duration.ofDays(7);

    private final Relay relay;

    PolicyReport(Relay relay) {
        this.relay = relay;
    }

    private static final class Count {
        private long sessions;
        private long encrypted;
        private long delivered;
        private long unmet;
        private long stopped;
        private long recipientsStopped;
        private final TreeSet<String> trials = new TreeSet<>();
        private final Map<String, Long> reasons = new TreeMap<>();
    }

    /// By domain: sessions, how many were encrypted, and how many a trial would have stopped, and why.
    int run(List<String> words, AdminCommand.Output out) throws IOException {
        Optional<SessionRecords> sessions = relay.sessions();
        if (sessions.isEmpty()) {
            out.line("nothing is kept here: tracking.keep is none");
            return 1;
        }
        Optional<Duration> age = Options.value(words, "--newer").map(Units::duration).orElse(Optional.of(STANDARD));
        if (age.isEmpty()) {
            out.line("--newer: say a duration such as 2h or 7d");
            return 2;
        }
        Instant now = relay.clock().instant();
        Map<Domain, Count> counts = new TreeMap<>();
        sessions.get().read(now.minus(age.get()), now.plusSeconds(1), session -> count(counts.computeIfAbsent(session.domain(), _ -> new Count()), session));
        boolean all = words.contains("--all");
        counts.values().removeIf(count -> !all && count.trials.isEmpty() && count.unmet == 0);
        for (Map.Entry<Domain, Count> entry : counts.entrySet()) {
            out.line(words.contains("--json") ? json(entry.getKey(), entry.getValue()) : text(entry.getKey(), entry.getValue()));
        }
        if (counts.isEmpty() && !words.contains("--json")) {
            out.line("no trial and no policy stopped or would have stopped anything");
        }
        exceptions(sessions.get(), words.contains("--json"), now, out);
        return 0;
    }

    /// What the attempts say of each exception of the configuration in force.
    private void exceptions(SessionRecords sessions, boolean json, Instant now, AdminCommand.Output out) throws IOException {
        List<ExceptionNeeds.Need> needs = ExceptionReport.of(relay.settings().get(), sessions::read, now);
        if (json && !needs.isEmpty()) {
            out.line(new JsonText().putObjects("exceptions", needs.stream().map(need -> ExceptionReport.json(need, now)).toList()).toString());
            return;
        }
        for (ExceptionNeeds.Need need : needs) {
            out.line(ExceptionReport.line(need, now));
        }
    }

    private static void count(Count count, SessionRecord session) {
        count.sessions++;
        count.encrypted += session.version().isEmpty() ? 0 : 1;
        count.delivered += session.delivered();
        if (!session.unmet().isEmpty()) {
            count.unmet++;
            session.unmet().forEach(reason -> count.reasons.merge(reason.words(), 1L, Long::sum));
        }
        session.trial().ifPresent(trial -> {
            count.stopped++;
            count.recipientsStopped += session.delivered();
            count.trials.add(trial.level());
            trial.why().stream().map(TlsReason::words).forEach(reason -> count.reasons.merge(trial.level() + ": " + reason, 1L, Long::sum));
        });
    }

    private static String text(Domain domain, Count count) {
        String trial = count.trials.isEmpty() ? "" : "; the trial " + String.join(", ", count.trials) + " would have stopped " + count.stopped + " of them with "
                + several(count.recipientsStopped, "recipient");
        return domain + ": " + several(count.sessions, "session") + ", " + count.encrypted + " encrypted, " + several(count.delivered, "recipient") + " delivered, " + count.unmet + " stopped by policy" + trial
                + (count.reasons.isEmpty() ? "" : " " + count.reasons);
    }

    private static String several(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static String json(Domain domain, Count count) {
        JsonText reasons = new JsonText();
        count.reasons.forEach(reasons::put);
        return new JsonText().put("domain", domain.name()).put("sessions", count.sessions).put("encrypted", count.encrypted).put("delivered", count.delivered)
                .put("stopped_by_policy", count.unmet).putTexts("trials", List.copyOf(count.trials)).put("stopped_by_trial", count.stopped)
                .put("recipients_stopped_by_trial", count.recipientsStopped).put("reasons", reasons).toString();
    }

    /// Today's reports, or another day's, as JSON; nothing is sent.
    int preview(List<String> words, AdminCommand.Output out) throws IOException {
        Optional<TlsReporting> reporting = relay.tlsReporting();
        if (reporting.isEmpty()) {
            out.line("nothing is kept here: tracking.keep is none");
            return 1;
        }
        LocalDate day;
        try {
            day = Options.value(words, "--day").map(LocalDate::parse).orElse(relay.clock().instant().atZone(ZoneOffset.UTC).toLocalDate());
        } catch (DateTimeParseException noDay) {
            out.line("--day: say a day such as 2026-01-17");
            return 2;
        }
        Optional<String> domain = Options.value(words, "--domain");
        RelaySettings.TlsReports from = relay.settings().get().relay().tlsReports().orElse(new RelaySettings.TlsReports(
                new org.mailrelay.core.mail.Mailbox("postmaster", relay.settings().get().relay().hostname()), "none", relay.settings().get().relay().hostname().name()));
        List<TlsReport> reports = reporting.get().reports(day).stream().filter(report -> domain.isEmpty() || report.domain().name().equals(domain.get())).toList();
        for (TlsReport report : reports) {
            out.line(ReportJson.text(report, from));
        }
        if (reports.isEmpty() && !words.contains("--json")) {
            out.line("no session of " + day + domain.map(name -> " with " + name).orElse("") + " is for a report");
        }
        return reports.isEmpty() ? 1 : 0;
    }
}
