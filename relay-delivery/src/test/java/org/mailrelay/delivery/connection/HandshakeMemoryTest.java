package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.net.tls.ClientOffer;
import org.mailrelay.net.tls.TlsVersion;

class HandshakeMemoryTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final HandshakeMemory memory = new HandshakeMemory(Duration.ofHours(1), now::get);

    private static HandshakeMemory.Host host(String name) {
        return HandshakeMemory.Host.of(plan(name));
    }

    private static ConnectionPlan plan(String host) {
        return plan(host, 25, ClientOffer.of(TlsVersion.TLS_1_2));
    }

    private static ConnectionPlan plan(String host, int port, ClientOffer offer) {
        HostTerms tls = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.IF_OFFERED), new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:3", "default"), false, false, TlsReason.POLICY_NONE, true);
        return new ConnectionPlan(new ConnectionKey(Optional.empty(), new InetSocketAddress(InetAddress.getLoopbackAddress(), port), new Terms("relay.example.net", EhloReading.STRICT, false, tls, Optional.empty()),
                Optional.of(Domain.of(host)), offer), Domain.of("example.com"), Timeouts.STANDARD, 50, Duration.ofSeconds(5));
    }

    @Test
    void aStepCountsForItsHostUntilItsTimeIsOver() {
        memory.left(plan("mx1.example.com"), LadderStep.REDUCED);
        assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.REDUCED);
        assertThat(memory.step(host("mx2.example.com"))).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.on(LadderStep.REDUCED)).isEqualTo(1);
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.on(LadderStep.REDUCED)).isZero();
    }

    /// A destination with versions or ciphers of its own, or a service on another port, fails by itself: no other's mail goes down the ladder for it.
    @Test
    void aFailureCountsForThePortAndTheOfferItHappenedWithAlone() {
        memory.left(plan("mx1.example.com", 25, ClientOffer.of(TlsVersion.TLS_1_3)), LadderStep.CLEAR);
        memory.left(plan("mx1.example.com", 587, ClientOffer.of(TlsVersion.TLS_1_2)), LadderStep.CLEAR);
        memory.left(plan("mx1.example.com", 25, new ClientOffer(TlsVersion.TLS_1_2, List.of("ECDHE-RSA-AES128-SHA"), Optional.empty())), LadderStep.CLEAR);
        assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.step(HandshakeMemory.Host.of(plan("mx1.example.com", 587, ClientOffer.of(TlsVersion.TLS_1_2))))).isEqualTo(LadderStep.CLEAR);
    }

    /// R-TLS: a host that has been repaired is not met on a lower step for the rest of the memory's life.
    @Test
    void theTopIsDueToBeProbedAfterAnHourAndThenEveryHour() {
        memory.left(plan("mx1.example.com"), LadderStep.REDUCED);
        assertThat(memory.due(10)).isEmpty();
        now.set(now.get().plus(Duration.ofMinutes(60)));
        assertThat(memory.due(10)).extracting(ConnectionPlan::hostName).containsExactly("mx1.example.com");
        assertThat(memory.due(10)).isEmpty();
        now.set(now.get().plus(Duration.ofMinutes(60)));
        assertThat(memory.due(10)).hasSize(1);
    }

    @Test
    void noMoreAreProbedAtOnceThanAskedForAndNoneIsForgotten() {
        for (int i = 0; i < 30; i++) {
            memory.left(plan("mx" + i + ".example.com"), LadderStep.CLASSICAL);
        }
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.due(20)).hasSize(20);
        assertThat(memory.due(20)).hasSize(10);
    }

    @Test
    void whileDeliveriesAskForItAHostThatStillFailsStaysOnItsStep() {
        memory.left(plan("mx1.example.com"), LadderStep.REDUCED);
        for (int probe = 0; probe < 5; probe++) {
            now.set(now.get().plus(Duration.ofMinutes(59)));
            assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.REDUCED);
            memory.stillFails(host("mx1.example.com"));
        }
        memory.stillFails(host("mx1.example.com"));   // nobody has asked since
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.HYBRID);
    }

    @Test
    void aClockThatIsSetBackEndsItsTime() {
        memory.left(plan("mx1.example.com"), LadderStep.CLEAR);
        now.set(now.get().minus(Duration.ofDays(365)));
        assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.HYBRID);
    }

    @Test
    void aHostWithWhichNoStepHelpedBeginsAtTheTop() {
        memory.left(plan("mx1.example.com"), LadderStep.REDUCED);
        memory.forget(host("mx1.example.com"));
        assertThat(memory.step(host("mx1.example.com"))).isEqualTo(LadderStep.HYBRID);
    }
}
