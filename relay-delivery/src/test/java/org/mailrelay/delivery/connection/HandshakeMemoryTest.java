package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.tls.LadderStep;

class HandshakeMemoryTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final HandshakeMemory memory = new HandshakeMemory(Duration.ofHours(1), now::get);

    @Test
    void aStepCountsForItsHostUntilItsTimeIsOver() {
        memory.left("mx1.example.com", LadderStep.REDUCED);
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.REDUCED);
        assertThat(memory.step("mx2.example.com")).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.on(LadderStep.REDUCED)).isEqualTo(1);
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.HYBRID);
        assertThat(memory.on(LadderStep.REDUCED)).isZero();
    }

    @Test
    void aHostWithWhichNoStepHelpedBeginsAtTheTop() {
        memory.left("mx1.example.com", LadderStep.REDUCED);
        memory.forget("mx1.example.com");
        assertThat(memory.step("mx1.example.com")).isEqualTo(LadderStep.HYBRID);
    }
}
