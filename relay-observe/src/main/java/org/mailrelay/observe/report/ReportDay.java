package org.mailrelay.observe.report;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.session.SessionRecord;

/// Counts the sessions of one UTC day. A session counts once under each policy that applied (RFC 8460 §4.4), as failed where something that
/// concerns that policy went wrong, else as succeeded where TLS was spoken; a host that could not be reached is no session.
public final class ReportDay implements Consumer<SessionRecord> {

    /// Different details of one policy; what is beyond is counted without addresses (R-RPT-8).
    private static final int DETAILS = 1_000;
    private static final int POLICIES = 200_000;

    private static final class Count {
        private long succeeded;
        private long failed;
        private final Map<TlsReport.Failure, Long> details = new LinkedHashMap<>();
    }

    private final LocalDate day;
    private final Map<PublishedPolicy, Count> counts = new LinkedHashMap<>();

    public ReportDay(LocalDate day) {
        this.day = day;
    }

    public Instant begin() {
        return day.atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    public Instant end() {
        return day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    @Override
    public void accept(SessionRecord session) {
        if (session.ofReport()) {
            return;
        }
        List<PublishedPolicy> policies = session.policies().isEmpty() ? domain(session).map(PublishedPolicy::none).stream().toList() : session.policies();
        for (PublishedPolicy policy : policies) {
            Optional<TlsReason> failure = Stream.of(session.unmet(), session.clear().stream().toList(), session.noted()).flatMap(List::stream)
                    .filter(reason -> policy.type().concernedBy(reason) && reason.reportType().isPresent()).findFirst();
            if (failure.isPresent()) {
                count(policy).ifPresent(count -> failed(count, session, failure.get()));
            } else if (!session.version().isEmpty()) {
                count(policy).ifPresent(count -> count.succeeded++);
            }
        }
    }

    /// Whose policy is looked for: by a route that is the smart host's domain, not the recipient's (RFC 8460 §1.1). A route to an address has none.
    private static Optional<Domain> domain(SessionRecord session) {
        Optional<String> via = session.facts().flatMap(facts -> facts.circumstances().via());
        return via.isEmpty() ? Optional.of(session.domain()) : Domain.parse(via.get().substring(0, via.get().lastIndexOf(':')));
    }

    private Optional<Count> count(PublishedPolicy policy) {
        return counts.size() < POLICIES || counts.containsKey(policy) ? Optional.of(counts.computeIfAbsent(policy, _ -> new Count())) : Optional.empty();
    }

    private static void failed(Count count, SessionRecord session, TlsReason why) {
        count.failed++;
        String type = why.reportType().orElseThrow();
        TlsReport.Failure failure = new TlsReport.Failure(type, session.local(), session.mx(), session.address(), why.words());
        boolean full = count.details.size() >= DETAILS && !count.details.containsKey(failure);
        count.details.merge(full ? new TlsReport.Failure(type, "", "", "", why.words()) : failure, 1L, Long::sum);
    }

    /// One for each policy domain, in the order of their names.
    public List<TlsReport> reports() {
        Map<Domain, List<TlsReport.Counted>> byDomain = new TreeMap<>();
        counts.forEach((policy, count) -> byDomain.computeIfAbsent(policy.domain(), _ -> new ArrayList<>()).add(new TlsReport.Counted(policy, count.succeeded, count.failed,
                count.details.entrySet().stream().map(entry -> new TlsReport.Detail(entry.getKey(), entry.getValue())).toList())));
        return byDomain.entrySet().stream().map(entry -> new TlsReport(entry.getKey(), day, entry.getValue())).toList();
    }
}
