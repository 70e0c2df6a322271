package org.mailrelay.observe.track;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.observe.log.MailLogLine;
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.testkit.time.ManualClock;

class TrackSearchTest {

    private static final Instant AT = Instant.parse("2026-01-17T12:00:00Z");
    private static final TlsRule REQUIRED = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");

    @TempDir
    Path folder;

    private final MailLogLine lines = new MailLogLine(ZoneOffset.UTC);
    private LineStore store;
    private Tracking tracking;

    @BeforeEach
    void open() {
        store = new LineStore(folder, "messages", new LineStore.Bounds(Duration.ofDays(7), 1 << 24), new ManualClock(AT));
        tracking = new Tracking(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void told(MailEvent event) {
        tracking.event(event, lines.text(event));
    }

    private void received(long mid, long icid, String from, String to, String subject, Instant at) {
        told(new InjectionEvent.Opened(at, new Icid(icid), "private", "10.1.1.1", "10.1.1." + icid, Optional.empty(), false));
        told(new MessageEvent.Started(at, new Mid(mid), new Icid(icid)));
        told(new MessageEvent.SenderGiven(at, new Mid(mid), new Icid(icid), ReversePath.of(from)));
        told(new MessageEvent.RecipientGiven(at, new Mid(mid), new Icid(icid), 0, Mailbox.of(to)));
        told(new MessageEvent.MessageIdFound(at, new Mid(mid), "<" + mid + "@host>"));
        told(new MessageEvent.SubjectFound(at, new Mid(mid), subject));
        told(new MessageEvent.Queued(at, new Mid(mid), 1, 1_000));
        told(new InjectionEvent.Closed(at, new Icid(icid), "private"));
    }

    private static DeliveryEvent.Connection connection(long dcid) {
        return new DeliveryEvent.Connection(new Dcid(dcid), Domain.of("example.com"), "example.com", "mx1.example.com", "10.0.0.1", "192.0.2.1", 25);
    }

    private void delivered(long mid, long dcid) {
        told(new DeliveryEvent.Opened(AT, connection(dcid)));
        told(new DeliveryEvent.TlsSucceeded(AT, connection(dcid), REQUIRED, "TLSv1.3", "TLS_AES_256_GCM_SHA384"));
        told(new DeliveryEvent.DeliveryStarted(AT, connection(dcid), new Mid(mid), List.of(0)));
        told(new DeliveryEvent.Delivered(AT, connection(dcid), new Mid(mid), List.of(0), 1_000, Duration.ofMillis(40)));
        told(new MessageEvent.Finished(AT, new Mid(mid), true));
        told(new DeliveryEvent.Closed(AT, connection(dcid)));
    }

    private void held(long mid, long dcid) {
        told(new DeliveryEvent.Opened(AT, connection(dcid)));
        told(new DeliveryEvent.StartTlsNotSupported(AT, connection(dcid)));
        told(new DeliveryEvent.PolicyUnmet(AT, connection(dcid), REQUIRED, List.of(TlsReason.NOT_OFFERED)));
        told(new DeliveryEvent.Closed(AT, connection(dcid)));
        told(new DeliveryEvent.Waits(AT, new Mid(mid), List.of(0), "STARTTLS not offered", AT.plusSeconds(60), List.of(new DeliveryEvent.Waits.Tried("mx1.example.com", new Dcid(dcid))), Optional.empty()));
    }

    private List<Tracked> find(TrackQuestion.Part part, Predicate<String> rule) throws IOException {
        return find(Map.of(part, rule));
    }

    private List<Tracked> find(Map<TrackQuestion.Part, Predicate<String>> parts) throws IOException {
        return new TrackSearch(store).find(new TrackQuestion(OptionalLong.empty(), parts, Instant.EPOCH, Instant.MAX, 100)).messages();
    }

    private static List<Long> mids(List<Tracked> found) {
        return found.stream().map(Tracked::mid).toList();
    }

    @Test
    void tellsAMessagesLinesInOrderWithThoseOfItsConnections() throws IOException {
        received(14, 5, "a@example.net", "b@example.com", "Hello", AT);
        received(15, 6, "x@example.net", "y@example.com", "Other", AT);
        delivered(14, 30);
        assertThat(find(TrackQuestion.Part.SENDER, "a@example.net"::equals)).singleElement().satisfies(message -> {
            assertThat(message.lines().stream().map(Tracked.Line::text)).containsExactly(
                    "New SMTP ICID 5 interface private (10.1.1.1) address 10.1.1.5 reverse dns host unknown verified no", "Start MID 14 ICID 5",
                    "MID 14 ICID 5 From: <a@example.net>", "MID 14 ICID 5 RID 0 To: <b@example.com>", "MID 14 Message-ID '<14@host>'", "MID 14 Subject \"Hello\"",
                    "MID 14 queued for delivery", "ICID 5 close", "New SMTP DCID 30 interface 10.0.0.1 address 192.0.2.1 port 25",
                    "DCID 30 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384 for example.com", "Delivery start DCID 30 MID 14 to RID [0]",
                    "Message done DCID 30 MID 14 to RID [0]", "Message finished MID 14 done", "DCID 30 close");
            assertThat(message.end()).isEqualTo("done");
            assertThat(message.recipients()).hasEntrySatisfying(0, state -> assertThat(state.state()).isEqualTo("delivered"));
        });
    }

    @Test
    void tellsWhyAMessageWaitsAndWhatItsConnectionsSaid() throws IOException {
        received(14, 5, "a@example.net", "b@example.com", "Hello", AT);
        held(14, 30);
        assertThat(find(TrackQuestion.Part.TLS, "policy"::equals)).singleElement().satisfies(message -> {
            assertThat(message.end()).isEqualTo("in the queue");
            assertThat(message.recipients().get(0)).isEqualTo(new Tracked.State(AT, "waiting", "STARTTLS not offered"));
            assertThat(message.lines().stream().map(Tracked.Line::text)).contains("DCID 30 STARTTLS command not supported",
                    "DCID 30 policy required from conf/destinations.yaml:14 [example.com]: not delivered to mx1.example.com: STARTTLS not offered");
        });
    }

    @Test
    void findsByEachPartAndByAllOfThem() throws IOException {
        received(1, 5, "a@example.net", "b@example.com", "Invoice 1", AT);
        received(2, 6, "a@example.net", "c@example.org", "Invoice 2", AT.plusSeconds(60));
        delivered(1, 30);
        held(2, 31);
        assertThat(mids(find(TrackQuestion.Part.SENDER, "a@example.net"::equals))).containsExactly(1L, 2L);
        assertThat(mids(find(TrackQuestion.Part.RECIPIENT, "c@example.org"::equals))).containsExactly(2L);
        assertThat(mids(find(TrackQuestion.Part.DOMAIN, "example.com"::equals))).containsExactly(1L);
        assertThat(mids(find(TrackQuestion.Part.SUBJECT, subject -> subject.endsWith("2")))).containsExactly(2L);
        assertThat(mids(find(TrackQuestion.Part.MESSAGE_ID, "<1@host>"::equals))).containsExactly(1L);
        assertThat(mids(find(TrackQuestion.Part.IP, "10.1.1.6"::equals))).containsExactly(2L);
        assertThat(mids(find(TrackQuestion.Part.TLS, "TLSv1.3"::equals))).containsExactly(1L);
        assertThat(find(Map.of(TrackQuestion.Part.SENDER, "a@example.net"::equals, TrackQuestion.Part.DOMAIN, "nowhere"::equals))).isEmpty();
        assertThat(mids(find(Map.of(TrackQuestion.Part.SENDER, "a@example.net"::equals, TrackQuestion.Part.TLS, "success"::equals)))).containsExactly(1L);
        TrackSearch search = new TrackSearch(store);
        assertThat(mids(search.find(new TrackQuestion(OptionalLong.of(2), Map.of(), Instant.EPOCH, Instant.MAX, 100)).messages())).containsExactly(2L);
        assertThat(mids(search.find(new TrackQuestion(OptionalLong.empty(), Map.of(), AT.plusSeconds(1), Instant.MAX, 100)).messages())).containsExactly(2L);
        assertThat(mids(search.find(new TrackQuestion(OptionalLong.empty(), Map.of(), Instant.EPOCH, AT.plusSeconds(1), 100)).messages())).containsExactly(1L);
        TrackSearch.Found latest = search.find(new TrackQuestion(OptionalLong.empty(), Map.of(), Instant.EPOCH, Instant.MAX, 1));
        assertThat(mids(latest.messages())).containsExactly(2L);
        assertThat(latest.all()).isEqualTo(2);
    }

    /// B-LOG
    @Test
    void aHostileSubjectStaysOneRecord() throws IOException {
        received(14, 5, "a@example.net", "b@example.com", "x\n1\t2\tA\t99\t0\t\tinjected\t\r\n", AT);
        assertThat(mids(find(TrackQuestion.Part.SENDER, "a@example.net"::equals))).containsExactly(14L);
        assertThat(find(TrackQuestion.Part.SUBJECT, subject -> subject.contains("injected"))).hasSize(1);
    }

    @Test
    void everyRecordReadsBackAsItWasWritten() {
        TrackRecord record = new TrackRecord(17, MailEvent.Level.WARNING, TrackRecord.Kind.WAITING, 3, 4, new long[] {5, 6}, "0,1;why not", "text");
        TrackRecord read = TrackRecord.of(record.line());
        assertThat(read).usingRecursiveComparison().isEqualTo(record);
    }
}
