package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.mailrelay.observe.report.TlsReport;
import org.mailrelay.observe.report.ReportJson;
import org.mailrelay.core.tls.PublishedPolicy;
import java.util.TreeSet;
import java.time.LocalDate;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.net.web.WebHosts;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.core.route.AddressRules;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.ParameterizedTest;
import java.time.InstantSource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.net.dkim.DkimSigning;
import org.mailrelay.net.dkim.PublicKeys;
import org.mailrelay.net.dns.TextLookup;
import org.mailrelay.observe.session.SessionRecords;
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.testkit.dkim.DkimKeys;
import org.mailrelay.testkit.dkim.DkimVerifier;
import org.mailrelay.testkit.time.ManualClock;
import org.mailrelay.testkit.tls.TestCa;

@Timeout(60)
class TlsReportingTest {

    private static final Instant NOON = Instant.parse("2026-01-17T12:00:00Z");
    private static final RelaySettings.TlsReports FROM = new RelaySettings.TlsReports(Mailbox.of("tls-reports@relay.example.net"), "postmaster@relay.example.net", "Relay");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(NOON);
    private final List<QueuedMessage> queued = new CopyOnWriteArrayList<>();
    private TextLookup texts = new TextLookup.Found(List.of("v=TLSRPTv1; rua=mailto:reports@example.com"));
    private MailSigning signing = MailSigning.NONE;
    private Spool spool;
    private LineStore store;
    private SessionRecords records;

    @BeforeEach
    void open() throws Exception {
        spool = Spool.open(new RelaySettings.Spool(folder.resolve("spool"), 1L << 30, 1 << 20), _ -> { });
        store = new LineStore(folder.resolve("tracking"), "connections", new LineStore.Bounds(Duration.ofDays(7), 1 << 24), clock);
        records = new SessionRecords(store, Optional.of(FROM.from().toString()));
        DeliveryEvent.Connection connection = new DeliveryEvent.Connection(new Dcid(30), Domain.of("example.com"), "default", "mx1.example.com", "10.0.0.1", "192.0.2.1", 25);
        records.event(new DeliveryEvent.Opened(NOON, connection), "");
        records.event(new DeliveryEvent.InTheClear(NOON, connection, new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:1", "default"), TlsReason.NOT_OFFERED), "");
        records.event(new DeliveryEvent.Closed(NOON, connection), "");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
        spool.close();
    }

    private TlsReporting reporting(WebHosts web) {
        return new TlsReporting(new TlsReporting.Parts(records, () -> Optional.of(FROM), name -> name.equals(Domain.of("_smtp._tls.example.com")) ? texts : new TextLookup.Found(List.of()),
                new OwnMail(spool, queued::add, _ -> { }, clock, signing), web, folder.resolve("tracking"), clock, new Random(1)));
    }

    private static WebHosts nowhere() {
        return web(List.of(), Trust.SYSTEM, Set.of());
    }

    private static WebHosts web(List<InetSocketAddress> dns, Trust trust, Set<RelaySettings.RefusedRange> refused) {
        MailResolver resolver = new MailResolver(new RelaySettings.Dns(dns, Duration.ofSeconds(2)), InstantSource.system(), (_, _, _, _) -> { });
        return new WebHosts(resolver, new PeerChecks(InstantSource.system()), trust, new AddressRules(refused, Set.of()));
    }

    @Test
    void sendsYesterdaysReportOnceOverRestarts() throws Exception {
        try (TlsReporting first = reporting(nowhere())) {
            first.sendDue();
            assertThat(queued).as("the day is not over").isEmpty();
            clock.advance(Duration.ofDays(1));
            first.sendDue();
            first.sendDue();
        }
        try (TlsReporting second = reporting(nowhere())) {
            second.sendDue();
        }
        assertThat(queued).singleElement().satisfies(report -> {
            assertThat(report.envelope().sender().mailbox()).contains(FROM.from());
            assertThat(report.envelope().mailboxes()).containsExactly(Mailbox.of("reports@example.com"));
            assertThat(report.content().tlsRequiredNo()).isTrue();
            assertThat(report.content().subject().orElseThrow()).startsWith("Report Domain: example.com Submitter: relay.example.net");
        });
    }

    /// RFC 8460 §3: a report is signed, and its key says so.
    @Test
    void aReportIsSignedByAKeyForReportsAndWaitsWhileThatCannotSign() throws Exception {
        SigningKey key = ((SigningKey.Usable) SigningKey.parse(DkimKeys.ed25519())).key();
        DkimSettings.Signer signer = new DkimSettings.Signer("relay.example.net", Optional.empty(), List.of(new DkimSettings.Key(Domain.of("mail"), key, Path.of("m.pem"), Set.of("email")),
                new DkimSettings.Key(Domain.of("reports"), key, Path.of("r.pem"), Set.of("tlsrpt"))), Set.of(), DkimSettings.Style.DEFAULT);
        DkimSettings settings = new DkimSettings(Map.of(Domain.of("relay.example.net"), signer), Map.of(), Optional.empty(), DkimSettings.Identity.FROM,
                DkimSettings.WhenSigningFails.DEFER);
        clock.advance(Duration.ofDays(1));
        signing = _ -> Optional.of(new MailSigning.Pass() {
            @Override
            public void octets(byte[] octets, int from, int to) {
            }

            @Override
            public void end(byte[] prologue, Consumer<MailSigning.Result> then) {
                then.accept(new MailSigning.Deferred("no key"));
            }
        });
        try (TlsReporting reporting = reporting(nowhere())) {
            reporting.sendDue();
        }
        assertThat(queued).isEmpty();
        try (DkimSigning real = new DkimSigning(() -> settings, clock)) {
            signing = real;
            reporting(nowhere()).sendDue();
        }
        QueuedMessage report = queued.getFirst();
        DkimVerifier verifier = new DkimVerifier(Map.of("reports._domainkey.relay.example.net", KeyRecord.of(key.algorithm(), PublicKeys.of(key), Set.of("tlsrpt")).text()));
        ByteBuffer body = ByteBuffer.allocate((int) report.bodyLength());
        try (BodySource source = spool.body(report.mid()).orElseThrow()) {
            while (body.hasRemaining()) {
                source.read(body);
            }
        }
        String content = new String(report.prologue(), StandardCharsets.US_ASCII) + new String(body.array(), StandardCharsets.US_ASCII);
        assertThat(verifier.verify(content)).containsExactly("pass reports relay.example.net");
        assertThat(report.content().trueSize()).isEqualTo(content.length());
    }

    @Test
    void asksAgainWhereTheLookupFailed() throws Exception {
        try (TlsReporting reporting = reporting(nowhere())) {
            clock.advance(Duration.ofDays(1));
            TextLookup there = texts;
            texts = new TextLookup.Failed(DnsFailure.SERVFAIL);
            reporting.sendDue();
            assertThat(queued).isEmpty();
            texts = there;
            reporting.sendDue();
            assertThat(queued).hasSize(1);
        }
    }

    /// RFC 8460 appendix B, as published.
    private static final String PUBLISHED = """
            {"organization-name": "Company-X",
             "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
             "contact-info": "sts-reporting@company-x.example",
             "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
             "policies": [{
               "policy": {"policy-type": "sts", "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"],
                 "policy-domain": "company-y.example", "mx-host": ["*.mail.company-y.example"]},
               "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
               "failure-details": [
                 {"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1", "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
                 {"result-type": "starttls-not-supported", "sending-mta-ip": "2001:db8:abcd:0013::1", "receiving-mx-hostname": "mx2.mail.company-y.example",
                  "receiving-ip": "203.0.113.56", "failed-session-count": 200, "additional-information": "https://reports.company-x.example/report_info?id=5065427c-23d3#StarttlsNotSupported"},
                 {"result-type": "validation-failure", "sending-mta-ip": "198.51.100.62", "receiving-ip": "203.0.113.58", "receiving-mx-hostname": "mx-backup.mail.company-y.example",
                  "failed-session-count": 3, "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]}]}
            """;

    /// Name by name and kind by kind: what is ours and not in the sample, or always in the sample and not ours, would be a reader's trouble.
    @Test
    void R_RPT_3_aReportHasTheShapeOfThePublishedSample() throws Exception {
        DeliveryEvent.Connection other = new DeliveryEvent.Connection(new Dcid(31), Domain.of("example.com"), "default", "mx2.example.com", "10.0.0.1", "192.0.2.2", 25);
        PublishedPolicy sts = new PublishedPolicy(PublishedPolicy.Type.STS, List.of("version: STSv1", "mode: testing"), Domain.of("example.com"), List.of("*.example.com"));
        records.event(new DeliveryEvent.HostPlanned(NOON, Domain.of("example.com"), "mx2.example.com", List.of(sts), List.of()), "");
        records.event(new DeliveryEvent.Opened(NOON, other), "");
        records.event(new DeliveryEvent.PolicyUnmet(NOON, other, new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:1", "default"), List.of(TlsReason.CERTIFICATE_EXPIRED)), "");
        records.event(new DeliveryEvent.Closed(NOON, other), "");
        List<TlsReport> reports;
        try (TlsReporting reporting = reporting(nowhere())) {
            reports = reporting.reports(LocalDate.of(2026, 1, 17));
        }
        Set<String> published = shape("", new Load(LoadSettings.builder().build()).loadFromString(PUBLISHED));
        Set<String> ours = shape("", new Load(LoadSettings.builder().build()).loadFromString(ReportJson.text(reports.getFirst(), FROM)));
        assertThat(published).containsAll(ours);
        assertThat(ours).containsAll(published.stream().filter(path -> !path.endsWith(".additional-information String")).toList());
    }

    /// `.policies[].summary.total-failure-session-count Integer`, and so on.
    private static Set<String> shape(String path, Object value) {
        Set<String> all = new TreeSet<>();
        switch (value) {
            case Map<?, ?> object -> object.forEach((name, field) -> all.addAll(shape(path + "." + name, field)));
            case List<?> list -> list.forEach(each -> all.addAll(shape(path + "[]", each)));
            default -> all.add(path + " " + value.getClass().getSimpleName());
        }
        return all;
    }

    @Test
    void postsWhereTheDomainWantsItUntilItIsTaken() throws Exception {
        TestCa ca = new TestCa(Instant.now());
        List<String> posted = new CopyOnWriteArrayList<>();
        HttpsServer https = collector(ca.good("reports.example.com"), posted);
        texts = new TextLookup.Found(List.of("v=TLSRPTv1; rua=https://reports.example.com:" + https.getAddress().getPort() + "/reports?of=tls"));
        try (FakeDns dns = FakeDns.start().record("reports.example.com", "A", "127.0.0.1");
                TlsReporting reporting = reporting(web(List.of(dns.address()), new Trust(false, List.of(ca.write(folder))), Set.of()))) {
            clock.advance(Duration.ofDays(1));
            reporting.sendDue();
            reporting.sendDue();
            reporting.sendDue();
        } finally {
            https.stop(0);
        }
        assertThat(posted).hasSize(2).allSatisfy(post -> assertThat(post).startsWith("/reports?of=tls application/tlsrpt+gzip {").contains("\"result-type\":\"starttls-not-supported\""));
    }

    /// Whoever publishes the record chooses the host: never one of ours, never one that no certificate names.
    @ParameterizedTest
    @CsvSource({"reports.example.com, LOOPBACK, reports.example.com", "reports.example.com, , other.example.com", "127.0.0.1, , reports.example.com", "[::1], , reports.example.com"})
    void noRecordSendsUsToOurOwnNetworkOrToAHostThatNoCertificateNames(String host, RelaySettings.RefusedRange refused, String certified) throws Exception {
        TestCa ca = new TestCa(Instant.now());
        List<String> posted = new CopyOnWriteArrayList<>();
        HttpsServer https = collector(ca.good(certified), posted);
        texts = new TextLookup.Found(List.of("v=TLSRPTv1; rua=https://" + host + ":" + https.getAddress().getPort() + "/"));
        try (FakeDns dns = FakeDns.start().record("reports.example.com", "A", "127.0.0.1");
                TlsReporting reporting = reporting(web(List.of(dns.address()), new Trust(false, List.of(ca.write(folder))), refused == null ? Set.of() : Set.of(refused)))) {
            clock.advance(Duration.ofDays(1));
            reporting.sendDue();
        } finally {
            https.stop(0);
        }
        assertThat(posted).isEmpty();
    }

    /// Takes every report but the first.
    private static HttpsServer collector(TestCa.Identity identity, List<String> posted) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("server", identity.key(), new char[0], identity.chain().toArray(java.security.cert.Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(managers.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 5);
        https.setHttpsConfigurator(new HttpsConfigurator(server));
        https.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            posted.add(exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + new String(new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes(), StandardCharsets.US_ASCII));
            exchange.sendResponseHeaders(posted.size() == 1 ? 503 : 201, -1);
            exchange.close();
        });
        https.start();
        return https;
    }
}
