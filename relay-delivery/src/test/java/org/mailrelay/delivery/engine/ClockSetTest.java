package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// R-RTY-2: a clock that is set forward or back neither ends the time of mail nor stalls it, nor has all of it tried at once.
@Timeout(60)
class ClockSetTest {

    @TempDir
    Path folder;

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT120H", "PT11M", "-PT11M", "-PT24H", "PT90000H"})
    void mailThatWaitsForItsTimeIsTriedAtItsTime(Duration by) throws Exception {
        try (FakeMx mx = host(Map.of("RCPT", new Effect.Once(Effect.line("451 4.2.1 later")))); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Pending.class, e -> e.mid().equals(mid));
            it.settleAll();
            it.clock.set(by);
            it.clock.advance(Duration.ofSeconds(50));
            it.settleAll();
            assertThat(it.events(MessageEvent.Finished.class)).isEmpty();
            assertThat(it.events(DeliveryEvent.Opened.class)).as("tried before its time").hasSize(1);
            it.clock.advance(Duration.ofSeconds(17));
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
            assertThat(it.events(SystemEvent.ClockJumped.class)).singleElement().extracting(SystemEvent.ClockJumped::by).isEqualTo(by);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT120H", "-PT24H"})
    void mailBehindADeadHostIsNotEndedByItButByItsTime(Duration by) throws Exception {
        try (FakeMx closed = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = new EngineFixture(folder, List.of(closed), EngineFixture.Terms.PLAIN)) {
            Mid before = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(before));
            it.clock.set(by);
            Mid behind = it.send("a@example.org", "c@example.com");
            Instant end = it.clock.instant().plus(Duration.ofHours(71));
            int tries = 1;
            for (; it.clock.instant().isBefore(end); tries++) {
                it.await(DeliveryEvent.Closed.class, _ -> true, tries);
                it.settleAll();
                it.advanceToTheNextTry();
            }
            it.await(DeliveryEvent.Closed.class, _ -> true, tries);
            it.settleAll();
            assertThat(it.events(DeliveryEvent.Bounced.class)).isEmpty();
            assertThat(it.events(DeliveryEvent.ConnectionFailed.class)).as("tried at its time").hasSizeBetween(70, 90);
            it.clock.advance(Duration.ofHours(2));
            it.await(DeliveryEvent.Bounced.class, e -> List.of(before, behind).contains(e.verdict().mid()), 2);
        }
    }

    @Test
    void mailGrowsNoOlderInLists() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            it.send("a@example.org", "b@example.com");
            it.clock.advance(Duration.ofHours(1));
            it.clock.set(Duration.ofDays(5));
            it.send("a@example.org", "c@other.example");
            it.clock.advance(Duration.ofHours(1));
            assertThat(it.engine.recipients().oldest().map(at -> Duration.between(at, it.clock.instant()))).hasValueSatisfying(age -> assertThat(age).isCloseTo(Duration.ofHours(2), Duration.ofSeconds(1)));
            assertThat(it.engine.snapshot()).extracting(entry -> Duration.between(entry.received(), it.clock.instant()).plusMillis(1).toHours()).containsExactly(2L, 1L);
        }
    }

    /// It cannot be told from a stop of five days, in which mail does grow old.
    @Test
    void overARestartItCounts() throws Exception {
        try (FakeMx closed = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); EngineFixture it = new EngineFixture(folder, List.of(closed), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
            it.clock.set(Duration.ofDays(5));
            it.restart();
            it.await(DeliveryEvent.Bounced.class, e -> e.verdict().mid().equals(mid));
            assertThat(it.events(SystemEvent.ClockJumped.class)).isEmpty();
        }
    }
}
