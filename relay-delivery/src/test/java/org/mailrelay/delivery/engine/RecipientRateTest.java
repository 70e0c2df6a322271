package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.testkit.mx.FakeMx;

/// `recipient_rate`, on real sockets and a clock that the test moves.
@Timeout(60)
class RecipientRateTest {

    private static final Optional<RecipientRate> FOUR_A_MINUTE = Optional.of(new RecipientRate(4, Duration.ofMinutes(1)));
    /// A part of the period is forgotten as a whole, and times fall due by the second.
    private static final Duration MINUTE = Duration.ofSeconds(63);

    @TempDir
    Path folder;

    private static FakeMx host() {
        return new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()));
    }

    private static void awaitFinished(EngineFixture it, int count) throws Exception {
        it.await(MessageEvent.Finished.class, _ -> true, count);
        it.settleAll();
    }

    @Test
    void tenMessagesAtFourAMinuteTakeThreeMinutesAndOneLineTellsOfIt() throws Exception {
        try (FakeMx mx = host(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.rate(FOUR_A_MINUTE, List.of(mx), EngineFixture.Terms.PLAIN);
            it.sendAll(10, _ -> "b@example.com");
            DeliveryEvent.Waits waits = it.await(DeliveryEvent.Waits.class, _ -> true);
            assertThat(waits.reason()).isEqualTo("recipient rate 4/1m reached");
            assertThat(Duration.between(it.clock.instant(), waits.next())).isBetween(Duration.ofSeconds(59), Duration.ofSeconds(61));
            awaitFinished(it, 4);
            it.clock.advance(Duration.ofSeconds(55));
            it.settleAll();
            assertThat(mx.received()).hasSize(4);
            it.clock.advance(MINUTE.minusSeconds(55));
            awaitFinished(it, 8);
            it.clock.advance(Duration.ofSeconds(55));
            it.settleAll();
            assertThat(mx.received()).hasSize(8);
            it.clock.advance(MINUTE.minusSeconds(55));
            awaitFinished(it, 10);
            assertThat(mx.received()).hasSize(10);
            assertThat(it.events(DeliveryEvent.Waits.class)).hasSize(1);
        }
    }

    /// One connection in all: the other domain's mail comes only if the first holds none.
    @Test
    void whoWaitsForItsRateHoldsNoConnectionThatOthersNeed() throws Exception {
        EngineFixture.Terms one = EngineFixture.Terms.PLAIN.overall(1);
        try (FakeMx mx = host(); EngineFixture it = new EngineFixture(folder, List.of(mx), one)) {
            it.rate(FOUR_A_MINUTE, List.of(mx), one);
            it.sendAll(10, _ -> "b@example.com");
            it.await(DeliveryEvent.Waits.class, _ -> true);
            Mid other = it.send("a@example.org", "b@example.net");
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(other));
            assertThat(mx.received()).hasSize(5);
            it.clock.advance(MINUTE);
            awaitFinished(it, 9);
        }
    }

    @Test
    void allDestinationsOfADomainShareItsRate() throws Exception {
        try (FakeMx mx = host(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.rate(FOUR_A_MINUTE, List.of(mx), EngineFixture.Terms.PLAIN);
            it.engine.suspend();
            it.sendAll(6, _ -> "b@example.com");
            int port = mx.address().getPort();
            Mid redirected = it.send("x@example.org", "b@example.com");
            it.engine.act(entry -> entry.mid().equals(redirected), new Order.Redirect(new Redirection("127.0.0.1", port)));
            it.engine.resume();
            it.await(DeliveryEvent.Waits.class, _ -> true);
            awaitFinished(it, 4);
            it.settleAll();
            assertThat(mx.received()).hasSize(4);
            it.clock.advance(MINUTE);
            awaitFinished(it, 7);
        }
    }

    @Test
    void aMessageForMoreThanTheRateGoesInPartsThatFit() throws Exception {
        try (FakeMx mx = host(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.rate(FOUR_A_MINUTE, List.of(mx), EngineFixture.Terms.PLAIN);
            it.send("a@example.org", "a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com", "f@example.com");
            it.await(DeliveryEvent.Delivered.class, _ -> true);
            it.await(DeliveryEvent.Waits.class, _ -> true);
            assertThat(mx.commands().stream().filter(command -> command.startsWith("RCPT"))).hasSize(4);
            it.clock.advance(MINUTE);
            awaitFinished(it, 1);
            assertThat(mx.commands().stream().filter(command -> command.startsWith("RCPT"))).hasSize(6);
        }
    }

    @Test
    void aReloadChangesItForMailThatWaits() throws Exception {
        try (FakeMx mx = host(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.rate(Optional.of(new RecipientRate(1, Duration.ofDays(1))), List.of(mx), EngineFixture.Terms.PLAIN);
            it.sendAll(6, _ -> "b@example.com");
            it.await(DeliveryEvent.Waits.class, _ -> true);
            awaitFinished(it, 1);
            it.rate(Optional.of(new RecipientRate(3, Duration.ofDays(1))), List.of(mx), EngineFixture.Terms.PLAIN);
            it.clock.advance(Duration.ofSeconds(12));
            awaitFinished(it, 3);
            it.clock.advance(Duration.ofHours(1));
            it.settleAll();
            assertThat(mx.received()).hasSize(3);
            it.rate(Optional.empty(), List.of(mx), EngineFixture.Terms.PLAIN);
            it.clock.advance(Duration.ofSeconds(12));
            awaitFinished(it, 6);
        }
    }
}
