package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.testkit.time.ManualClock;

@Timeout(60)
class AlertingTest {

    private static final TlsRule RULE = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:2", "bank.example");

    @TempDir
    Path folder;
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<QueuedMessage> mails = new LinkedBlockingQueue<>();

    @BeforeEach
    void copyTheShippedFiles() throws Exception {
        Path conf = Files.createDirectory(folder.resolve("conf"));
        for (String name : List.of("relay.yaml", "destinations.yaml", "routes.yaml", "access.yaml")) {
            Files.copy(Path.of("..", "conf").resolve(name), conf.resolve(name));
        }
    }

    private Settings settings(String alerts, String destinations) throws Exception {
        Files.writeString(folder.resolve("conf/relay.yaml"), "hostname: relay.example.net\nalerts: " + alerts + "\n");
        Files.writeString(folder.resolve("conf/destinations.yaml"), destinations);
        ConfigLoader.Result result = ConfigLoader.load(folder.resolve("conf"), Map.of(), clock.instant());
        assertThat(result).isInstanceOf(ConfigLoader.Loaded.class);
        return ((ConfigLoader.Loaded) result).settings();
    }

    private interface WithAlerting {
        void run(Alerting alerting) throws Exception;
    }

    private void alerting(Settings settings, WithAlerting test) throws Exception {
        try (Spool spool = Spool.open(new RelaySettings.Spool(folder.resolve("spool"), 1L << 30, 1 << 20), _ -> { });
                HttpClient web = HttpClient.newHttpClient();
                Alerting alerting = new Alerting(() -> settings, events::add, new OwnMail(spool, mails::add, events::add, clock, MailSigning.NONE), web, clock, ZoneId.systemDefault(), Duration.ofMillis(10))) {
            test.run(alerting);
        }
    }

    private void outage(Alerting alerting) {
        DeliveryEvent.Connection on = new DeliveryEvent.Connection(new Dcid(30), Domain.of("bank.example"), "bank.example", "mx1.bank.example", "192.0.2.1", "192.0.2.2", 25);
        for (int second : List.of(0, 61, 200)) {
            alerting.event(new DeliveryEvent.PolicyUnmet(clock.instant().plusSeconds(second), on, RULE, List.of(TlsReason.NOT_OFFERED)), "");
        }
    }

    @Test
    void anOutageIsMailedToOperatorsAndToTheEntrysOwn() throws Exception {
        Settings settings = settings("{mail: [ops@example.net]}", "destinations:\n  bank.example: {tls: required, alert: desk@example.net}\n");
        alerting(settings, alerting -> {
            outage(alerting);
            assertThat(List.of(mails.poll(20, TimeUnit.SECONDS), mails.poll(20, TimeUnit.SECONDS))).extracting(mail -> mail.envelope().mailbox(0).toString())
                    .containsExactlyInAnyOrder("ops@example.net", "desk@example.net");
            assertThat(events).filteredOn(SystemEvent.Alert.class::isInstance).hasSize(1);
        });
    }

    @Test
    void aMailNamesDomainHostRuleAndCause() throws Exception {
        Settings settings = settings("{mail: [ops@example.net]}", "destinations:\n  bank.example: {tls: required}\n");
        SystemEvent.PolicyStopsMail event = new SystemEvent.PolicyStopsMail(clock.instant(), Domain.of("bank.example"), "bank.example", "mx1.bank.example", RULE,
                List.of(TlsReason.NOT_OFFERED), clock.instant());
        OwnMail.Letter letter = AlertText.of(event, settings).letter(settings.relay().alerts().mail().getFirst(), settings.relay().hostname(), clock.instant());
        assertThat(letter.text()).contains("bank.example", "Host: mx1.bank.example", "Rule: required from conf/destinations.yaml:2 [bank.example]", "Cause: STARTTLS not offered",
                "TLS-Required: No\r\n").doesNotContain("\n.").matches("(?s)([ -~]*\r\n)+");
    }

    @Test
    void theSameIsPostedToAWebhookUntilItIsTaken() throws Exception {
        BlockingQueue<String> posted = new LinkedBlockingQueue<>();
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            posted.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(asked.getAndIncrement() == 0 ? 503 : 204, -1);
            exchange.close();
        });
        server.start();
        try {
            Settings settings = settings("{webhook: \"http://127.0.0.1:" + server.getAddress().getPort() + "/\"}", "destinations:\n  bank.example: {tls: required}\n");
            alerting(settings, alerting -> {
                outage(alerting);
                assertThat(posted.poll(20, TimeUnit.SECONDS)).contains("\"event\":\"system_policy_stops_mail\"", "\"domain\":\"bank.example\"", "\"mx\":\"mx1.bank.example\"",
                        "\"reasons\":[\"STARTTLS not offered\"]");
                assertThat(posted.poll(20, TimeUnit.SECONDS)).as("asked again").contains("system_policy_stops_mail");
            });
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anExceptionThatEndsIsToldOnceADayFromFourteenDaysBefore() throws Exception {
        Settings settings = settings("{}", """
                destinations:
                  a.example: {tls: required, exception: {tls: preferred, reason: r, owner: o, expires: 2026-12-15}}
                """);
        alerting(settings, alerting -> {
            alerting.warnOfExceptions();
            assertThat(events).doesNotHaveAnyElementsOfTypes(SystemEvent.ExceptionEnds.class);
            assertThat(events.poll()).isEqualTo(new SystemEvent.ExceptionsCounted(clock.instant(), 0));
            clock.advance(Duration.ofDays(10));
            alerting.warnOfExceptions();
            alerting.warnOfExceptions();
            assertThat(events).filteredOn(SystemEvent.ExceptionEnds.class::isInstance).hasSize(1);
            assertThat(events).contains(new SystemEvent.ExceptionsCounted(clock.instant(), 1));
            clock.advance(Duration.ofDays(1));
            alerting.warnOfExceptions();
            assertThat(events).filteredOn(SystemEvent.ExceptionEnds.class::isInstance).hasSize(2);
            clock.advance(Duration.ofDays(20));
            alerting.warnOfExceptions();
            assertThat(events).as("it is void, and check says so").filteredOn(SystemEvent.ExceptionEnds.class::isInstance).hasSize(2);
        });
    }

    /// All that waits for our own network is one outage: one mail, not one for each domain.
    @Test
    void doubtAboutOurOwnNetworkIsMailedOnceAndSoIsItsEnd() throws Exception {
        Settings settings = settings("{mail: [ops@example.net]}", "destinations: {}\n");
        alerting(settings, alerting -> {
            DeliveryEvent.Connection on = new DeliveryEvent.Connection(new Dcid(30), Domain.of("bank.example"), "default", "mx1.bank.example", "192.0.2.1", "192.0.2.2", 25);
            alerting.event(new SystemEvent.OwnPathSuspected(clock.instant(), "192.0.2.1", 5, 6, List.of("mx1.bank.example", "mx1.example.com"), clock.instant().plusSeconds(14_400)), "");
            for (int second : List.of(0, 61, 200)) {
                alerting.event(new DeliveryEvent.PolicyUnmet(clock.instant().plusSeconds(second), on, RULE, List.of(TlsReason.OWN_PATH_SUSPECTED, TlsReason.NOT_OFFERED)), "");
            }
            assertThat(mails.poll(20, TimeUnit.SECONDS).content().subject().orElseThrow()).isEqualTo("our own network is suspected");
            alerting.event(new SystemEvent.OwnPathTrusted(clock.instant(), "192.0.2.1", Duration.ofMinutes(25), true), "");
            assertThat(mails.poll(20, TimeUnit.SECONDS).content().subject().orElseThrow()).isEqualTo("our own network is trusted again");
            assertThat(mails).isEmpty();
            assertThat(events).filteredOn(SystemEvent.Alert.class::isInstance).isEmpty();   // they were told before
        });
    }

    @Test
    void whatIsSaidOfOurOwnNetworkIsPlainTextOfOneLineEach() throws Exception {
        Settings settings = settings("{mail: [ops@example.net]}", "destinations: {}\n");
        Instant now = clock.instant();
        for (SystemEvent.Alert event : List.<SystemEvent.Alert>of(new SystemEvent.OwnPathSuspected(now, "192.0.2.1", 5, 6, List.of("mx1\r\n.bank.example"), now.plusSeconds(60)),
                new SystemEvent.OwnPathSuspected(now, "192.0.2.1", 5, 6, List.of("a"), now), new SystemEvent.OwnPathGivenUp(now, "192.0.2.1", now),
                new SystemEvent.OwnPathTrusted(now, "192.0.2.1", Duration.ofMinutes(25), false))) {
            AlertText text = AlertText.of(event, settings);
            assertThat(text.to()).hasSize(1);
            assertThat(text.letter(settings.relay().alerts().mail().getFirst(), settings.relay().hostname(), now).text()).contains("192.0.2.1").doesNotContain("\n.").matches("(?s)([ -~]*\r\n)+");
        }
    }
}
