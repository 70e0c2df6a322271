package org.mailrelay.observe.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.queue.SpoolStatus;

class MetricsTest {

    private static final Instant AT = Instant.parse("2023-09-06T13:13:16Z");

    private final Metrics metrics = new Metrics(3);

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void countsAMessageOnItsWay() {
        metrics.on(new MessageEvent.Queued(AT, new Mid(1), 2, 1000));
        metrics.on(new DeliveryEvent.Delivered(AT, connection("example.com"), new Mid(1), List.of(0, 1), 1000, Duration.ofMillis(40)));
        metrics.on(new MessageEvent.Finished(AT, new Mid(1), true));
        assertThat(metrics.scrape()).contains("mailrelay_messages_received_total 1.0", "mailrelay_recipients_received_total 2.0",
                "mailrelay_bytes_out_total 1000.0", "mailrelay_delivered_total{destination=\"example.com\",} 2.0",
                "mailrelay_delivery_attempts_total{destination=\"example.com\",outcome=\"delivered\",} 2.0", "mailrelay_delivery_seconds_bucket{le=\"0.1\",} 1.0",
                "mailrelay_messages_finished_total{result=\"done\",} 1.0");
        assertThat(metrics.totals()).containsEntry("mailrelay_messages_finished_total", 1L);
    }

    @Test
    void countsWhatTlsPolicyHeldAndTheFindingBehindIt() {
        TlsRule rule = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");
        metrics.on(new DeliveryEvent.EhloDeparted(AT, connection("example.com"), new Finding(Finding.Kind.KEYWORD_IN_GREETING, 1, "250-STARTTLS")));
        metrics.on(new DeliveryEvent.PolicyUnmet(AT, connection("example.com"), rule, List.of(TlsReason.NOT_OFFERED)));
        assertThat(metrics.scrape()).contains("mailrelay_ehlo_findings_total{kind=\"keyword-in-greeting\",} 1.0",
                "mailrelay_tls_policy_failures_total{destination=\"example.com\",reason=\"not-offered\",} 1.0");
    }

    @Test
    void countsWhatBecameOfRecipientsByTheirEntryAndOutcome() {
        DeliveryEvent.Verdict verdict = verdict("example.org");
        metrics.on(new DeliveryEvent.Delayed(AT, verdict));
        metrics.on(new DeliveryEvent.Bounced(AT, verdict));
        metrics.on(new DeliveryEvent.DoubleBounced(AT, verdict));
        metrics.on(new DeliveryEvent.Ambiguous(AT, connection("example.com"), new Mid(1), List.of(0, 1), "timeout", false));
        metrics.on(new DeliveryEvent.Discarded(AT, new Mid(1), List.of(0, 1, 2), "conf/routes.yaml:7"));
        metrics.on(new DeliveryEvent.Bounced(AT, verdict("example.net")));
        metrics.on(new DeliveryEvent.Bounced(AT, verdict("fourth.example")));
        assertThat(attempts()).containsExactlyInAnyOrder(attempts("example.org", "delayed", 1), attempts("example.org", "bounced", 1),
                attempts("example.org", "double-bounced", 1), attempts("example.com", "ambiguous", 2), attempts("", "discarded", 3),
                attempts("example.net", "bounced", 1), attempts("other", "bounced", 1));
        assertThat(metrics.totals()).containsEntry("mailrelay_delivery_attempts_total.bounced", 3L).containsEntry("mailrelay_delivery_attempts_total", 10L);
    }

    private List<String> attempts() {
        return metrics.scrape().lines().filter(line -> line.startsWith("mailrelay_delivery_attempts_total")).toList();
    }

    private static String attempts(String destination, String outcome, int count) {
        return "mailrelay_delivery_attempts_total{destination=\"" + destination + "\",outcome=\"" + outcome + "\",} " + count + ".0";
    }

    private static DeliveryEvent.Verdict verdict(String entry) {
        return new DeliveryEvent.Verdict(new Dcid(30), new Mid(1), ReversePath.of("a@example.net"), Mailbox.of("b@example.org"), 0, new EnhancedCode(5, 1, 1), "words",
                550, List.of("no"), entry);
    }

    @Test
    void showsTheConnectionsOfEachListenerFromItsBinding() {
        metrics.on(new SystemEvent.ListenerBound(AT, "public", "127.0.0.1:25"));
        metrics.on(opened("private", 1));
        metrics.on(opened("private", 2));
        metrics.on(opened("private", 3));
        metrics.on(new InjectionEvent.Closed(AT, new Icid(2), "private"));
        assertThat(metrics.scrape()).contains("mailrelay_connections_active{listener=\"public\",side=\"inbound\",} 0.0",
                "mailrelay_connections_active{listener=\"private\",side=\"inbound\",} 2.0", "mailrelay_connections_active{listener=\"\",side=\"outbound\",} 0.0",
                "mailrelay_connections_opened_total{listener=\"private\",side=\"inbound\",} 3.0", "mailrelay_connections_closed_total{listener=\"private\",side=\"inbound\",} 1.0");
    }

    /// As a client does that leaves while its name is looked up.
    @Test
    void countsNoConnectionTwiceThatIsToldClosedFirst() {
        metrics.on(new InjectionEvent.Closed(AT, new Icid(1), "private"));
        assertThat(metrics.scrape()).contains("mailrelay_connections_active{listener=\"private\",side=\"inbound\",} 0.0");
        metrics.on(opened("private", 1));
        metrics.on(opened("private", 2));
        assertThat(metrics.scrape()).contains("mailrelay_connections_active{listener=\"private\",side=\"inbound\",} 1.0");
    }

    private static InjectionEvent.Opened opened(String listener, long icid) {
        return new InjectionEvent.Opened(AT, new Icid(icid), listener, "10.1.1.1", "10.1.1.209", Optional.empty(), false);
    }

    @Test
    void measuresHandshakesOfClientsThatSucceedAndThatFail() {
        metrics.on(new InjectionEvent.TlsSucceeded(AT, new Icid(1), "TLSv1.3", "TLS_AES_256_GCM_SHA384", Duration.ofMillis(8)));
        metrics.on(new InjectionEvent.TlsFailed(AT, new Icid(2), "no shared cipher", Duration.ofMillis(80)));
        assertThat(metrics.scrape()).contains("mailrelay_tls_handshake_seconds_bucket{direction=\"inbound\",le=\"0.02\",} 1.0",
                "mailrelay_tls_handshake_seconds_count{direction=\"inbound\",} 2.0", "mailrelay_tls_handshake_seconds_count{direction=\"outbound\",} 0.0");
    }

    /// B-MET: no remote side makes series.
    @Test
    void keepsTheNumberOfSeriesWhateverNumberOfDomainsThereIs() {
        long after10 = 0;
        for (int n = 0; n < 100_000; n++) {
            DeliveryEvent.Connection connection = connection("d" + n + ".example");
            metrics.on(new DeliveryEvent.ConnectionFailed(AT, connection, "%s ${jndi:x}", false));
            metrics.on(new DeliveryEvent.DnsFailed(AT, connection.domain(), "TYPE" + n, "ServFail"));
            metrics.on(new DeliveryEvent.TlsFailed(AT, connection, "reason " + n));
            metrics.lookedUp("TYPE" + n, Looked.FOUND, Duration.ofMillis(1));
            if (n == 10) {
                after10 = ownSeries();
            }
        }
        assertThat(ownSeries()).isEqualTo(after10);
        assertThat(metrics.scrape()).contains("mailrelay_connection_failures_total{destination=\"other\",reason=\"network\",} 99997.0");
    }

    @Test
    void showsTheSpoolAndTheLastReload() {
        metrics.watch(() -> new SpoolStatus(7, 4096, 1 << 20, 10, 1, 3, 2_000_000, 5, true));
        metrics.on(new SystemEvent.ConfigurationLoaded(AT, 2));
        metrics.on(new SystemEvent.ConfigurationRefused(AT, "unknown key"));
        assertThat(metrics.scrape()).contains("mailrelay_queue_messages 7.0", "mailrelay_config_generation 2.0",
                "mailrelay_config_reload_ok 0.0", "jvm_memory_used_bytes");
    }

    @Test
    void measuresTheStagesOfConversationsAndTheHandshake() {
        metrics.on(new DeliveryEvent.OpeningTook(AT, connection("example.com"), StageTimes.of(Map.of(StageTimes.Stage.GREETING, Duration.ofMillis(30),
                StageTimes.Stage.HANDSHAKE, Duration.ofMillis(8)))));
        metrics.on(new DeliveryEvent.TransactionTook(AT, connection("example.com"), new Mid(1), StageTimes.of(Map.of(StageTimes.Stage.END_OF_DATA, Duration.ofMillis(4)))));
        assertThat(metrics.scrape()).contains("mailrelay_delivery_attempt_seconds_bucket{stage=\"greeting\",le=\"0.1\",} 1.0",
                "mailrelay_delivery_attempt_seconds_count{stage=\"end-of-data\",} 1.0", "mailrelay_delivery_attempt_seconds_count{stage=\"rcpt\",} 0.0",
                "mailrelay_tls_handshake_seconds_bucket{direction=\"outbound\",le=\"0.02\",} 1.0",
                "mailrelay_tls_handshake_seconds_count{direction=\"inbound\",} 0.0");
    }

    @Test
    void countsQuestionsToNameServersByTypeAndResult() {
        metrics.lookedUp("MX", Looked.NX_DOMAIN, Duration.ofMillis(3));
        metrics.lookedUp("TYPE4711", Looked.FOUND, Duration.ofMillis(3));
        assertThat(metrics.scrape()).contains("mailrelay_dns_lookups_total{result=\"nx-domain\",type=\"MX\",} 1.0",
                "mailrelay_dns_lookups_total{result=\"found\",type=\"other\",} 1.0", "mailrelay_dns_seconds_count 2.0");
    }

    @Test
    void measuresTheSyncsOfTheSpoolAndWhatTheyCovered() {
        metrics.synced(3_000_000, 40);
        assertThat(metrics.scrape()).contains("mailrelay_spool_sync_seconds_bucket{le=\"0.005\",} 1.0", "mailrelay_spool_sync_seconds_bucket{le=\"0.002\",} 0.0",
                "mailrelay_spool_group_size_bucket{le=\"100.0\",} 1.0", "mailrelay_spool_group_size_sum 40.0");
    }

    private enum Looked { FOUND, NX_DOMAIN }

    /// What Prometheus itself says of the rules and of the page, where its tool is installed.
    @Test
    void promtoolFindsNoFaultWithTheRulesAndThePage() throws Exception {
        assumeTrue(Stream.of("/usr/bin/promtool", "/usr/local/bin/promtool").anyMatch(tool -> Files.isExecutable(Path.of(tool))), "promtool is not installed");
        metrics.on(new MessageEvent.Queued(AT, new Mid(1), 2, 1000));
        metrics.on(new DeliveryEvent.ConnectionFailed(AT, connection("example.com"), "[timeout]", false));
        assertThat(promtool("", "check", "rules", root().resolve("docker/prometheus/alerts.yml").toString())).contains("SUCCESS").contains("rules found");
        assertThat(promtool(ownLines(metrics.scrape()), "check", "metrics")).isEmpty();
    }

    /// The page without what the JVM's own binders name against the tool's taste.
    private static String ownLines(String page) {
        return page.lines().filter(line -> line.contains("mailrelay_")).collect(Collectors.joining("\n", "", "\n"));
    }

    private static String promtool(String input, String... words) throws Exception {
        Process tool = new ProcessBuilder(Stream.concat(Stream.of("promtool"), Arrays.stream(words)).toList()).redirectErrorStream(true).start();
        try (var out = tool.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tool.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void theReferencePageIsWhatTheCatalogueSays() throws Exception {
        String page = Files.readString(root().resolve("docs/metrics.md"));
        assertThat(page.lines().filter(line -> line.startsWith("| `mailrelay_"))).containsExactlyElementsOf(Arrays.stream(MetricNames.values())
                .map(name -> "| `" + name.text() + "` | " + name.kind().name().toLowerCase(Locale.ROOT) + " | " + name.labels().stream()
                        .map(label -> "`" + label + "`").collect(Collectors.joining(", ")) + " | " + name.help() + " |").toList());
    }

    @Test
    void alertRulesAndDashboardNameMetricsThatExist() throws Exception {
        List<String> known = Arrays.stream(MetricNames.values()).map(MetricNames::text).toList();
        for (String file : List.of("docker/prometheus/alerts.yml", "docker/grafana/mailrelay.json")) {
            assertThat(Pattern.compile("mailrelay_[a-z_]+").matcher(Files.readString(root().resolve(file))).results().map(MatchResult::group)
                    .map(name -> name.replace("_seconds_bucket", "_seconds"))).isNotEmpty().allMatch(known::contains);
        }
    }

    private long ownSeries() {
        return metrics.scrape().lines().filter(line -> line.startsWith("mailrelay_")).count();
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("docs")) ? here : here.getParent();
    }

    private static DeliveryEvent.Connection connection(String domain) {
        return new DeliveryEvent.Connection(new Dcid(30), Domain.of(domain), domain, "mx1." + domain, "10.13.102.10", "10.13.101.31", 25);
    }
}
