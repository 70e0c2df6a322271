package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// Six hosts in six networks, all met from one address of ours, and a clock that the test moves.
@Timeout(60)
class OwnPathTest {

    private static final TestCa CA = new TestCa(Instant.now());
    private static final Map<String, Effect> NO_STARTTLS = Map.of("EHLO", Effect.line("250 mx.test"));

    @TempDir
    Path folder;
    private final Map<String, FakeMx> hosts = new LinkedHashMap<>();
    private EngineFixture it;

    @BeforeEach
    void sixHosts() throws Exception {
        for (int i = 1; i <= 6; i++) {
            hosts.put("d" + i + ".example", new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx" + i + ".example.com")), Map.of()), InetAddress.getByAddress(new byte[] {127, 0, (byte) i, 1})));
        }
        it = new EngineFixture(folder, List.of(hosts.get("d1.example")), EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED).messagesPerConnection(1));
        it.route(hosts);
        it.pathTerms = OwnPathTerms.DEFAULT;
        for (String domain : hosts.keySet()) {
            assertThat(delivered(send(domain), domain)).isTrue();
        }
    }

    @AfterEach
    void close() throws Exception {
        it.close();
        hosts.values().forEach(FakeMx::close);
    }

    private Mid send(String domain) throws Exception {
        return it.send("a@example.org", "b@" + domain);
    }

    /// @return true when it was encrypted
    private boolean delivered(Mid mid, String domain) throws Exception {
        it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
        return hosts.get(domain).received().getLast().encrypted();
    }

    private void all(Map<String, Effect> effects) {
        hosts.values().forEach(host -> host.become(effects));
    }

    /// STARTTLS is lost everywhere, and one message goes to each.
    private Map<String, Mid> loseStartTls() throws Exception {
        all(NO_STARTTLS);
        Map<String, Mid> sent = new LinkedHashMap<>();
        for (String domain : hosts.keySet()) {
            Mid mid = send(domain);
            sent.put(domain, mid);
            if (sent.size() < OwnPathTerms.DEFAULT.hosts()) {
                assertThat(delivered(mid, domain)).isFalse();   // nobody can know yet
            } else {
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
            }
        }
        return sent;
    }

    @Test
    void whenManyHostsLoseStartTlsAtOnceMailWaitsInsteadOfGoingInTheClearAndAnAlertSaysSo() throws Exception {
        Map<String, Mid> sent = loseStartTls();
        SystemEvent.OwnPathSuspected alert = it.await(SystemEvent.OwnPathSuspected.class, _ -> true);
        assertThat(alert.lost()).isEqualTo(5);
        assertThat(alert.until()).isEqualTo(alert.at().plus(Duration.ofHours(4)));
        assertThat(it.events(DeliveryEvent.Waits.class)).filteredOn(e -> e.mid().equals(sent.get("d6.example"))).extracting(DeliveryEvent.Waits::reason)
                .containsExactly("our own network is suspected (since " + alert.at() + " from 127.0.0.1) STARTTLS not offered");
        Mid another = send("d1.example");
        it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(another));
        assertThat(it.events(DeliveryEvent.InTheClear.class)).hasSize(4);
        assertThat(it.events(SystemEvent.OwnPathSuspected.class)).hasSize(1);
        assertThat(it.events(DeliveryEvent.Bounced.class)).isEmpty();
    }

    @Test
    void oneHostThatLosesStartTlsIsItsOwnMatter() throws Exception {
        hosts.get("d1.example").become(NO_STARTTLS);
        for (int i = 0; i < 6; i++) {
            assertThat(delivered(send("d1.example"), "d1.example")).isFalse();
        }
        assertThat(it.events(SystemEvent.OwnPath.class)).isEmpty();
    }

    @Test
    void aProbeFindsOutThatTheHostsAreAsTheyWereAndWhatWaitedGoesOnEncryptedAtOnce() throws Exception {
        Map<String, Mid> sent = loseStartTls();
        it.probes.round();
        it.await(DeliveryEvent.HostProbed.class, e -> !e.works(), 5);
        assertThat(it.events(SystemEvent.OwnPathTrusted.class)).isEmpty();
        all(Map.of());
        it.probes.round();
        assertThat(it.await(SystemEvent.OwnPathTrusted.class, _ -> true).asBefore()).isTrue();
        for (String domain : List.of("d5.example", "d6.example")) {
            assertThat(delivered(sent.get(domain), domain)).isTrue();
        }
        assertThat(it.events(SystemEvent.OwnPath.class)).hasSize(2);
    }

    @Test
    void afterTheBoundMailGoesAsItsPolicySaysWithAWarning() throws Exception {
        Map<String, Mid> sent = loseStartTls();
        it.clock.advance(Duration.ofHours(4));
        it.probes.round();
        SystemEvent.OwnPathGivenUp warning = it.await(SystemEvent.OwnPathGivenUp.class, _ -> true);
        assertThat(warning.level()).isEqualTo(MailEvent.Level.WARNING);
        for (String domain : List.of("d5.example", "d6.example")) {
            assertThat(delivered(sent.get(domain), domain)).isFalse();
        }
        assertThat(it.events(SystemEvent.OwnPath.class)).hasSize(2);
    }

    @Test
    void otherCertificatesEverywhereAreTakenForTheSame() throws Exception {
        List<FakeMx> between = new ArrayList<>();
        Map<String, FakeMx> ways = new LinkedHashMap<>();
        for (int i = 1; i <= 6; i++) {
            int port = hosts.get("d" + i + ".example").address().getPort();
            InetAddress at = hosts.get("d" + i + ".example").address().getAddress();
            hosts.get("d" + i + ".example").close();
            FakeMx other = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx" + i + ".example.com")), Map.of()), at, port);
            between.add(other);
            ways.put("d" + i + ".example", other);
        }
        try {
            it.route(ways);
            List<Mid> sent = new ArrayList<>();
            for (String domain : ways.keySet()) {
                Mid mid = send(domain);
                sent.add(mid);
                it.awaitEitherOf(mid);
            }
            it.await(SystemEvent.OwnPathSuspected.class, _ -> true);
            assertThat(it.events(DeliveryEvent.Waits.class)).extracting(DeliveryEvent.Waits::mid).containsExactly(sent.get(4), sent.get(5));
        } finally {
            between.forEach(FakeMx::close);
        }
    }

    /// What hosts showed before counts behind a restart: our network may have been changed meanwhile.
    @Test
    void aNetworkThatChangesWhileTheRelayIsStoppedIsSeenAtItsFirstConnections() throws Exception {
        it.restart();
        loseStartTls();
        assertThat(it.await(SystemEvent.OwnPathSuspected.class, _ -> true).lost()).isEqualTo(5);
        assertThat(it.events(DeliveryEvent.InTheClear.class)).hasSize(4);
    }

    @Test
    void anAlarmOutlivesARestartAndEndsWhenTheHostsAreAsTheyWere() throws Exception {
        Map<String, Mid> sent = loseStartTls();
        it.restart();
        assertThat(it.path.doubtful()).singleElement().satisfies(path -> assertThat(path.affected()).isEqualTo(6));
        Mid another = send("d1.example");
        it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(another));
        all(Map.of());
        for (String domain : List.of("d2.example", "d3.example", "d4.example")) {
            assertThat(delivered(send(domain), domain)).isTrue();
        }
        it.await(SystemEvent.OwnPathTrusted.class, _ -> true);
        for (String domain : List.of("d5.example", "d6.example")) {
            assertThat(delivered(sent.get(domain), domain)).isTrue();
        }
        assertThat(it.events(SystemEvent.OwnPathSuspected.class)).as("the same alarm").hasSize(1);
    }

    @Test
    void aHostThatHadToBeMetFurtherDownTheLadderIsProbedAndMetOnItsTopAgain() throws Exception {
        FakeMx host = hosts.get("d1.example");
        host.become(Map.of("STARTTLS", new Effect.Once(new Effect.GoAheadThenAlert())));
        Mid mid = send("d1.example");
        assertThat(delivered(mid, "d1.example")).isTrue();
        assertThat(it.memory.on(LadderStep.CLASSICAL)).isEqualTo(1);
        it.clock.advance(Duration.ofMinutes(59));
        it.probes.round();
        assertThat(it.events(DeliveryEvent.HostProbed.class)).isEmpty();
        it.clock.advance(Duration.ofMinutes(1));
        it.probes.round();
        assertThat(it.await(DeliveryEvent.HostProbed.class, _ -> true).works()).isTrue();
        assertThat(it.memory.on(LadderStep.CLASSICAL)).isZero();
        assertThat(host.received()).hasSize(2);
    }
}
