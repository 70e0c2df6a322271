package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
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
import org.mailrelay.net.tls.TlsVersion;

class HandshakeMemoryTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final HandshakeMemory memory = new HandshakeMemory(Duration.ofHours(1), now::get);

    private static ConnectionPlan plan(String host) {
        HostTerms tls = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.IF_OFFERED), new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:3", "default"), false, false, TlsReason.POLICY_NONE, true);
        return new ConnectionPlan(new ConnectionKey(Optional.empty(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 25), new Terms("relay.example.net", EhloReading.STRICT, false, tls, Optional.empty()),
                Optional.of(Domain.of(host)), TlsVersion.of("TLSv1.2")), Domain.of("example.com"), Timeouts.STANDARD, 50, Duration.ofSeconds(5));
    }

    @Test
    void aStepCountsForItsHostUntilItsTimeIsOver() {
        memory.left(plan("mx1.example.com"), LadderStep.REDUCED);
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.REDUCED);
        assertThat(memory.step("mx2.example.com")).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.on(LadderStep.REDUCED)).isEqualTo(1);
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.on(LadderStep.REDUCED)).isZero();
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
            assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.REDUCED);
            memory.stillFails("mx1.example.com");
        }
        memory.stillFails("mx1.example.com");   // nobody has asked since
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.HYBRID);
    }

    @Test
    void aHostWithWhichNoStepHelpedBeginsAtTheTop() {
        memory.left(plan("mx1.example.com"), LadderStep.REDUCED);
        memory.forget("mx1.example.com");
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.HYBRID);
    }
}
