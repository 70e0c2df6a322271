package org.mailrelay.observe.session;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.log.MailLogWriter;
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.observe.store.Reach;

/// Makes the records from events, one when a connection has closed, and reads them again.
public final class SessionRecords implements MailLogWriter.EventReader {

    private static final int REMEMBERED = 20_000;

    /// What waits because of one connection, or of none.
    private record Try(Domain domain, long dcid) {}

    private static final class Waiting {
        private long messages;
        private long recipients;
    }

    /// Gets what was kept, in the order in which it was.
    @FunctionalInterface
    public interface Reader {
        void session(SessionRecord session);

        default void held(HeldRecord held) {
            // most count sessions alone
        }
    }

    private final LineStore store;
    private final Optional<String> reportSender;
    private final PlannedHosts planned = new PlannedHosts();
    private final Map<Long, Draft> open = bounded();
    private final Map<Long, Boolean> reports = bounded();
    private final Map<Try, Waiting> held = bounded();
    private long lastHeld;
    private Instant heldAt = Instant.EPOCH;

    /// @param reportSender whom our own TLS reports are from; empty where there are none
    public SessionRecords(LineStore store, Optional<String> reportSender) {
        this.store = store;
        this.reportSender = reportSender;
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    /// A connection that has not closed yet.
    private static final class Draft {
        private final Instant at;
        private final DeliveryEvent.Connection connection;
        private String rule = "";
        private String version = "";
        private String cipher = "";
        private Optional<TlsReason> clear = Optional.empty();
        private final List<TlsReason> unmet = new ArrayList<>(0);
        private final List<TlsReason> noted = new ArrayList<>(0);
        private Optional<SessionRecord.Trial> trial = Optional.empty();
        private String failure = "";
        private final List<String> findings = new ArrayList<>(0);
        private Optional<SessionRecord.Facts> facts = Optional.empty();
        private boolean opened;
        private String proof = "";
        private boolean doubted;
        private long messages;
        private long recipients;
        private long delivered;
        private boolean ofReport;

        Draft(Instant at, DeliveryEvent.Connection connection) {
            this.at = at;
            this.connection = connection;
        }

        SessionRecord record(PlannedHosts.Planned planned) {
            List<TlsReason> all = new ArrayList<>(planned.noted());
            noted.stream().filter(reason -> !all.contains(reason)).forEach(all::add);
            return new SessionRecord(at, connection.dcid().value(), connection.domain(), connection.entry(), connection.mx(), connection.peerAddress(),
                    connection.localAddress(), rule, version, cipher, clear, unmet, all, trial, failure, findings,
                    new SessionRecord.Carried(messages, recipients, delivered), planned.policies(), ofReport, facts);
        }
    }

    @Override
    public void look() {
        held.forEach((tried, waiting) -> {
            HeldRecord record = new HeldRecord(heldAt, tried.dcid(), tried.domain(), waiting.messages, waiting.recipients);
            store.append(record.at(), 0, 0, record.dcid(), record.line());
        });
        held.clear();
        store.look();
    }

    /// One that begins to wait for policy's sake: told once a message.
    private void held(DeliveryEvent.Delayed event) {
        DeliveryEvent.Verdict verdict = event.verdict();
        if (verdict.code() != 0 || verdict.status().subject() != 7) {
            return;
        }
        Waiting waiting = held.computeIfAbsent(new Try(verdict.recipient().domain(), verdict.dcid().value()), _ -> new Waiting());
        waiting.recipients++;
        waiting.messages += verdict.mid().value() == lastHeld ? 0 : 1;
        lastHeld = verdict.mid().value();
        heldAt = event.at();
    }

    @Override
    public void event(MailEvent event, String text) {
        switch (event) {
            case DeliveryEvent delivery -> delivery(delivery);
            case MessageEvent.SenderGiven e -> {
                if (e.icid().value() == 0 && e.sender().mailbox().map(Object::toString).equals(reportSender) && reportSender.isPresent()) {
                    reports.put(e.mid().value(), true);
                }
            }
            case InjectionEvent _, MessageEvent _, SystemEvent _ -> { }
        }
    }

    private void delivery(DeliveryEvent event) {
        switch (event) {
            case DeliveryEvent.HostPlanned e -> planned.put(e.domain(), e.mx(), new PlannedHosts.Planned(e.policies(), e.noted()));
            case DeliveryEvent.HostSkipped e -> write(new SessionRecord(e.at(), 0, e.domain(), e.entry(), e.mx(), e.address(), "", e.rule().toString(), "", "", Optional.empty(),
                    List.of(e.why()), List.of(), Optional.empty(), e.detail(), List.of(), SessionRecord.Carried.NOTHING, e.policies(), false,
                    Optional.of(new SessionRecord.Facts(e.circumstances(), SeenPeer.NOTHING, ""))));
            case DeliveryEvent.Opened e -> draft(e.at(), e.connection()).opened = true;
            case DeliveryEvent.PeerSeen e -> {
                Draft draft = draft(e.at(), e.connection());
                draft.rule = e.rule().toString();
                draft.facts = Optional.of(new SessionRecord.Facts(e.circumstances(), e.seen(), draft.doubted ? "" : draft.proof));
            }
            case DeliveryEvent.DnsFailed e -> write(new SessionRecord(e.at(), 0, e.domain(), "", "", "", "", "", "", "", Optional.empty(), List.of(), List.of(), Optional.empty(),
                    "DNS " + e.type() + ": " + e.failure(), List.of(), SessionRecord.Carried.NOTHING, List.of(), false, Optional.empty()));
            case DeliveryEvent.Closed e -> {
                Draft draft = open.remove(e.connection().dcid().value());
                if (draft != null) {
                    write(draft.record(planned(e.connection())));
                }
            }
            case DeliveryEvent.ConnectionFailed e -> {
                Draft draft = draft(e.at(), e.connection());
                draft.failure = e.details();
                if (!draft.opened) {
                    open.remove(e.connection().dcid().value());
                    write(draft.record(planned(e.connection())));
                }
            }
            case DeliveryEvent.TlsSucceeded e -> with(e.connection(), draft -> {
                draft.rule = e.rule().toString();
                draft.version = e.protocol();
                draft.cipher = e.cipher();
            });
            case DeliveryEvent.TlsFailed e -> with(e.connection(), draft -> draft.noted.add(TlsReason.HANDSHAKE_FAILED));
            case DeliveryEvent.EhloDeparted e -> with(e.connection(), draft -> draft.findings.add(e.finding().kind().word()));
            case DeliveryEvent.InTheClear e -> with(e.connection(), draft -> {
                draft.rule = e.rule().toString();
                draft.clear = Optional.of(e.why());
            });
            case DeliveryEvent.PolicyUnmet e -> with(e.connection(), draft -> {
                draft.rule = e.rule().toString();
                draft.unmet.addAll(e.why());
            });
            case DeliveryEvent.PeerNotVerified e -> with(e.connection(), draft -> {
                draft.doubted = true;
                Arrays.stream(TlsReason.values()).filter(reason -> e.reason().startsWith(reason.words())).forEach(draft.noted::add);
            });
            case DeliveryEvent.PeerVerified e -> with(e.connection(), draft -> draft.proof = e.by());
            case DeliveryEvent.TrialUnmet e -> with(e.connection(), draft -> draft.trial = Optional.of(new SessionRecord.Trial(e.rule().level().word(), e.why())));
            case DeliveryEvent.DeliveryStarted e -> with(e.connection(), draft -> {
                draft.ofReport |= reports.containsKey(e.mid().value());
                draft.messages++;
                draft.recipients += e.rids().size();
            });
            case DeliveryEvent.Delayed e -> held(e);
            case DeliveryEvent.Delivered e -> with(e.connection(), draft -> draft.delivered += e.rids().size());
            case DeliveryEvent.HostProbed _, DeliveryEvent.StartTlsNotSupported _, DeliveryEvent.TlsRequiredNotNegotiated _, DeliveryEvent.TlsSteppedDown _,
                    DeliveryEvent.OpeningTook _, DeliveryEvent.TransactionTook _, DeliveryEvent.Answered _, DeliveryEvent.Bounced _,
                    DeliveryEvent.DoubleBounced _, DeliveryEvent.Pending _, DeliveryEvent.Waits _, DeliveryEvent.Suspended _,
                    DeliveryEvent.Discarded _, DeliveryEvent.Ambiguous _ -> { }
        }
    }

    private Draft draft(Instant at, DeliveryEvent.Connection connection) {
        return open.computeIfAbsent(connection.dcid().value(), _ -> new Draft(at, connection));
    }

    private void with(DeliveryEvent.Connection connection, Consumer<Draft> change) {
        Draft draft = open.get(connection.dcid().value());
        if (draft != null) {
            change.accept(draft);
        }
    }

    private PlannedHosts.Planned planned(DeliveryEvent.Connection connection) {
        return planned.get(connection.domain(), connection.mx());
    }

    private void write(SessionRecord record) {
        store.append(record.at(), 0, 0, record.dcid(), record.line());
    }

    /// Those of certain connections, by DCID; those that have not closed yet are not among them. Not on an event loop.
    public Map<Long, SessionRecord> of(Collection<Long> dcids) throws IOException {
        Map<Long, SessionRecord> found = new HashMap<>();
        Reach.Span span = Reach.Span.NOTHING;
        for (long dcid : dcids) {
            span = span.with(dcid);
        }
        store.read(new Reach(Reach.Span.ALL, Reach.Span.NOTHING, Reach.Span.NOTHING, span), line -> {
            if (!HeldRecord.is(line)) {
                SessionRecord record = SessionRecord.of(line);
                if (dcids.contains(record.dcid())) {
                    found.put(record.dcid(), record);
                }
            }
        });
        return found;
    }

    /// Those that began in a span of time, in the order in which they ended. Not on an event loop.
    ///
    /// @param to not any more
    public void read(Instant from, Instant to, Reader reader) throws IOException {
        Reach reach = new Reach(new Reach.Span(from.toEpochMilli(), to.toEpochMilli() - 1), Reach.Span.ALL, Reach.Span.ALL, Reach.Span.ALL);
        store.read(reach, line -> {
            if (HeldRecord.is(line)) {
                HeldRecord held = HeldRecord.of(line);
                if (!held.at().isBefore(from) && held.at().isBefore(to)) {
                    reader.held(held);
                }
                return;
            }
            SessionRecord record = SessionRecord.of(line);
            if (!record.at().isBefore(from) && record.at().isBefore(to)) {
                reader.session(record);
            }
        });
    }
}
