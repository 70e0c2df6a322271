package org.mailrelay.observe.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.testkit.time.ManualClock;

class CounterHistoryTest {

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-17T12:00:00Z"));
    private final SortedMap<String, Long> totals = new TreeMap<>();

    private CounterHistory history() throws Exception {
        return new CounterHistory(folder.resolve("counters"), () -> new TreeMap<>(totals), clock);
    }

    @Test
    void addsUpOverRestarts() throws Exception {
        try (CounterHistory first = history()) {
            totals.put("received", 10L);
            assertThat(first.lifetime()).containsEntry("received", 10L);
        }
        totals.clear();
        try (CounterHistory second = history()) {
            totals.put("received", 5L);
            assertThat(second.lifetime()).containsEntry("received", 15L);
            assertThat(second.sinceReset()).containsEntry("received", 15L);
        }
    }

    @Test
    void countsSinceTheResetAlsoAfterARestart() throws Exception {
        totals.put("received", 10L);
        try (CounterHistory first = history()) {
            clock.advance(Duration.ofHours(1));
            first.reset();
            totals.put("received", 12L);
            assertThat(first.sinceReset()).containsEntry("received", 2L);
        }
        totals.put("received", 1L);
        try (CounterHistory second = history()) {
            assertThat(second.sinceReset()).containsEntry("received", 3L);
            assertThat(second.resetAt()).isEqualTo(Instant.parse("2026-01-17T13:00:00Z"));
        }
    }

    @Test
    void tellsHowFastCountersRise() throws Exception {
        try (CounterHistory history = history()) {
            for (int looks = 1; looks <= 240; looks++) {
                clock.advance(Duration.ofSeconds(5));
                totals.merge("received", looks > 228 ? 10L : 1L, Long::sum);
                history.look();
            }
            assertThat(history.perMinute(Duration.ofMinutes(1)).get("received")).isEqualTo(120.0);
            assertThat(history.perMinute(Duration.ofMinutes(5)).get("received")).isEqualTo((120 + 48) / 5.0);
            assertThat(history.perMinute(Duration.ofMinutes(15)).get("received")).isEqualTo((120 + 168) / 15.0);
        }
    }

    @Test
    void beginsAnewWhereTheFileIsNotReadable() throws Exception {
        for (byte[] content : new byte[][] {"received ten none\n".getBytes(StandardCharsets.US_ASCII), "received 5 0\nsent ten none\n".getBytes(StandardCharsets.US_ASCII),
                {'r', (byte) 0xff, ' ', '1', ' ', '1', '\n'}, new byte[4_096]}) {
            Files.write(folder.resolve("counters"), content);
            try (CounterHistory history = history()) {
                assertThat(history.lifetime()).isEmpty();
            }
        }
    }
}
