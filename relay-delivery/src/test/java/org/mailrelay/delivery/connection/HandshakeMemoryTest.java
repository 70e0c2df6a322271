package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HandshakeMemoryTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final HandshakeMemory memory = new HandshakeMemory(Duration.ofHours(1), now::get);

    @Test
    void aFailureCountsForItsHostUntilItsTimeIsOver() {
        memory.failed("mx1.example.com");
        assertThat(memory.failedBefore("mx1.example.com")).isTrue();
        assertThat(memory.failedBefore("mx2.example.com")).isFalse();
        now.set(now.get().plus(Duration.ofHours(1)));
        assertThat(memory.failedBefore("mx1.example.com")).isFalse();
    }
}
