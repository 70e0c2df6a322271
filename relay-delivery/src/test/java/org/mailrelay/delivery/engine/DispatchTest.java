package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// Which host mail goes to, over how many connections, and what waits, on real sockets and a clock that the test moves.
@Timeout(60)
class DispatchTest {

    /// The reply that the relay was born from, word for word.
    private static final String MISPLACED = "250-STARTTLS\r\n250-mail.domain1.com\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-HELP\r\n250-DELIVERBY 300\r\n250 SIZE 30000000\r\n";
    private static final String IN_ORDER = "250-mail.domain1.com\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-HELP\r\n250-DELIVERBY 300\r\n250 SIZE 30000000\r\n";

    @TempDir
    Path folder;

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    private static FakeMx tlsHost(String ehlo) throws Exception {
        return new FakeMx(new FakeMx.Script(Optional.of(new TestCa(java.time.Instant.now()).good("mail.domain1.com")), Map.of("EHLO", new Effect.Say(ehlo))));
    }

    @Test
    void theHostWithStartTlsInItsGreetingGetsMailInTheClearUnderPreferred() throws Exception {
        try (FakeMx mx = tlsHost(MISPLACED); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED))) {
            it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> true);
            assertThat(it.events(DeliveryEvent.StartTlsNotSupported.class)).hasSize(1);
            assertThat(it.events(DeliveryEvent.InTheClear.class)).hasSize(1);
            assertThat(it.events(DeliveryEvent.EhloDeparted.class)).isNotEmpty();
            assertThat(mx.received().getFirst().encrypted()).isFalse();
            assertThat(mx.commands()).doesNotContain("STARTTLS");
        }
    }

    @Test
    void underRequiredItGetsNothingAndTheNextHostIsTried() throws Exception {
        try (FakeMx mx = tlsHost(MISPLACED); FakeMx second = tlsHost(IN_ORDER);
                EngineFixture it = new EngineFixture(folder, List.of(mx, second), EngineFixture.Terms.PLAIN.tls(TlsLevel.REQUIRED))) {
            it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> true);
            assertThat(mx.commands()).noneMatch(command -> command.startsWith("MAIL"));
            assertThat(second.received().getFirst().encrypted()).isTrue();
            assertThat(it.events(DeliveryEvent.TlsRequiredNotNegotiated.class)).hasSize(1);
        }
    }

    @Test
    void theSameLinesInOrderAreTls() throws Exception {
        try (FakeMx mx = tlsHost(IN_ORDER); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED))) {
            it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> true);
            assertThat(mx.received().getFirst().encrypted()).isTrue();
            assertThat(it.events(DeliveryEvent.TlsSucceeded.class)).hasSize(1);
        }
    }

    @Test
    void aHostThatRefusesInItsGreetingIsPassedOver() throws Exception {
        try (FakeMx closed = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); FakeMx open = host(Map.of());
                EngineFixture it = new EngineFixture(folder, List.of(closed, open), EngineFixture.Terms.PLAIN)) {
            it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> true);
            assertThat(open.received()).hasSize(1);
        }
    }

    @Test
    void aHostThatLeavesWith421AtAnyStageIsPassedOverAndNothingIsLost() throws Exception {
        for (String stage : List.of("EHLO", "MAIL", "RCPT", "DATA", "CONTENT")) {
            try (FakeMx leaving = host(Map.of(stage, new Effect.SayAndClose("421 4.3.2 going down\r\n"))); FakeMx open = host(Map.of());
                    EngineFixture it = new EngineFixture(folder.resolve(stage), List.of(leaving, open), EngineFixture.Terms.PLAIN)) {
                it.send("a@example.org", "b@example.com");
                it.await(DeliveryEvent.Delivered.class, e -> true);
                assertThat(open.received()).as(stage).hasSize(1);
            }
        }
    }

    @Test
    void R_MX_8_aFourYzToMailGoesToTheNextHost() throws Exception {
        try (FakeMx busy = host(Map.of("MAIL", Effect.line("451 4.3.0 not now"))); FakeMx open = host(Map.of());
                EngineFixture it = new EngineFixture(folder, List.of(busy, open), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
            assertThat(open.received()).hasSize(1);
            assertThat(it.events(DeliveryEvent.Delayed.class)).isEmpty();
        }
    }

    @Test
    void R_MX_8_aFourYzToARecipientGoesToTheNextHostOnceAndTakesNobodyElseAlong() throws Exception {
        Map<String, Effect> busy = Map.of("RCPT TO:<later@example.com>", Effect.line("450 4.2.1 busy"));
        try (FakeMx first = host(busy); FakeMx second = host(busy); FakeMx third = host(Map.of());
                EngineFixture it = new EngineFixture(folder, List.of(first, second, third), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "later@example.com");
            assertThat(it.await(DeliveryEvent.Delayed.class, e -> e.verdict().mid().equals(mid)).verdict().code()).isEqualTo(450);
            Mid other = it.send("a@example.org", "yes@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(other));
            assertThat(second.commands()).contains("RCPT TO:<later@example.com>").doesNotContain("RCPT TO:<yes@example.com>");
            assertThat(third.commands()).as("two sessions a try").isEmpty();
            assertThat(it.engine.of(mid).getFirst().cause().dcids()).as("the connections of the try").hasSize(2).doesNotHaveDuplicates();
            assertThat(first.received().stream().filter(received -> !received.content().isEmpty())).hasSize(1);
        }
    }

    @Test
    void R_MX_8_noHostLeftAfterAFourYzIsADelay() throws Exception {
        try (FakeMx busy = host(Map.of("MAIL", Effect.line("451 4.3.0 not now"))); FakeMx gone = host(Map.of("GREETING", Effect.line("554 5.3.2 closed")));
                EngineFixture it = new EngineFixture(folder, List.of(busy, gone), EngineFixture.Terms.PLAIN)) {
            it.send("a@example.org", "b@example.com");
            assertThat(it.await(DeliveryEvent.Delayed.class, e -> true).verdict().code()).isEqualTo(451);
            it.await(DeliveryEvent.Pending.class, e -> true);
            assertThat(it.engine.snapshot()).allMatch(entry -> entry.attempts() == 1);
        }
    }

    /// They are more than wait in memory for it.
    @Test
    void manyMessagesThatOneHostWouldNotHaveAreDeliveredByTheNext() throws Exception {
        try (FakeMx busy = host(Map.of("MAIL", Effect.line("451 4.3.0 not now"))); FakeMx second = host(Map.of("GREETING", new Effect.Gate("220 mx ESMTP\r\n")));
                EngineFixture it = new EngineFixture(folder, List.of(busy, second), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> sent = it.sendAll(600, _ -> "b@example.com");
            it.engine.resume();
            it.await(DeliveryEvent.DeliveryStarted.class, _ -> true, 600);
            second.open();
            it.await(MessageEvent.Finished.class, e -> sent.contains(e.mid()) && e.done(), 600);
            assertThat(it.events(DeliveryEvent.Delayed.class)).isEmpty();
            assertThat(second.received()).hasSize(600);
        }
    }

    @Test
    void andAreTriedAgainWhereTheNextOneIsNotThere() throws Exception {
        try (FakeMx busy = host(Map.of("MAIL", Effect.line("451 4.3.0 not now"))); FakeMx second = host(Map.of("GREETING", new Effect.Gate("554 5.3.2 closed\r\n")));
                EngineFixture it = new EngineFixture(folder, List.of(busy, second), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            it.sendAll(600, _ -> "b@example.com");
            it.engine.resume();
            it.await(DeliveryEvent.DeliveryStarted.class, _ -> true, 600);
            second.open();
            it.await(DeliveryEvent.Pending.class, _ -> true, 600);
            assertThat(it.engine.snapshot()).hasSize(600).allMatch(entry -> entry.attempts() == 1 && entry.reason().contains("not now"));
        }
    }

    /// The host takes two recipients a transaction.
    @Test
    void R_TXN_4_recipientsBeyondWhatTheHostTakesFollowAtOnce() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<c@example.com>", new Effect.Once(Effect.line("452 4.5.3 too many recipients")),
                "RCPT TO:<d@example.com>", new Effect.Once(Effect.line("552 too many recipients"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "a@example.com", "b@example.com", "c@example.com", "d@example.com");
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid) && e.done());
            assertThat(it.events(DeliveryEvent.Delivered.class).stream().map(DeliveryEvent.Delivered::rids)).containsExactly(List.of(0, 1), List.of(2, 3));
            assertThat(it.events(DeliveryEvent.Delayed.class)).isEmpty();
        }
    }

    /// It ends each connection after one message, with 421 to the next MAIL.
    @Test
    void aHostThatEndsAConnectionBetweenMessagesHasRefusedNone() throws Exception {
        try (FakeMx mx = host(Map.of("MAIL", new Effect.EverySecond(new Effect.SayAndClose("421 4.7.0 too many messages\r\n"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.connections(1))) {
            it.engine.suspend();
            Set<Mid> sent = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                sent.add(it.send("a@example.org", "b@example.com"));
            }
            it.engine.resume();
            it.await(MessageEvent.Finished.class, e -> sent.contains(e.mid()), 6);
            assertThat(it.events(DeliveryEvent.Delayed.class)).isEmpty();
            assertThat(mx.received()).hasSize(6);
        }
    }

    @Test
    void nothingOfAConnectionFollowsItsEndInTheLog() throws Exception {
        try (FakeMx mx = host(Map.of("CONTENT", new Effect.SayAndClose("250 2.0.0 taken\r\n")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            for (int i = 0; i < 5; i++) {
                Mid mid = it.send("a@example.org", "b@example" + i + ".com");
                it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
            }
            it.await(DeliveryEvent.Closed.class, e -> true, 5);
            Set<String> spoken = Set.of("Opened", "DeliveryStarted", "Delivered", "Answered", "Finished", "Closed");
            List<String> kinds = it.all().stream().map(e -> e.getClass().getSimpleName()).filter(spoken::contains).toList();
            assertThat(kinds.subList(0, 6)).containsExactly("Opened", "DeliveryStarted", "Delivered", "Answered", "Finished", "Closed");
            assertThat(kinds).hasSize(30);
        }
    }

    @Test
    void fiveThousandMessagesBehindADeadHostCostOneConnectionLineATryAndNoAttempt() throws Exception {
        try (FakeMx closed = host(Map.of("GREETING", Effect.line("554 5.3.2 closed")));
                EngineFixture it = new EngineFixture(folder, List.of(closed), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            it.sendAll(5_000, _ -> "b@example.com");
            it.engine.resume();
            it.await(DeliveryEvent.Waits.class, e -> true, 5_000);
            for (int tries = 2; tries < 6; tries++) {
                it.settle();
                it.advanceToTheNextTry();
                it.await(DeliveryEvent.Closed.class, e -> true, tries);
            }
            assertThat(it.events(DeliveryEvent.ConnectionFailed.class)).hasSize(5);
            assertThat(it.events(DeliveryEvent.Waits.class).stream().map(DeliveryEvent.Waits::mid).distinct()).hasSize(5_000);
            assertThat(it.events(DeliveryEvent.Pending.class)).isEmpty();
            assertThat(it.engine.snapshot()).allMatch(entry -> entry.attempts() == 0);
        }
    }

    @Test
    void aSlowDestinationDoesNotDelayAnother() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<b@slow.example>", new Effect.Stall()));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.connections(2))) {
            for (int i = 0; i < 20; i++) {
                it.send("a@example.org", "b@slow.example");
            }
            Mid live = it.send("a@example.org", "b@live.example");
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(live));
        }
    }

    @Test
    void oneConnectionCarriesMessagesUpToItsLimitAndThenAnotherDoes() throws Exception {
        try (FakeMx mx = host(Map.of());
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.connections(1).messagesPerConnection(4))) {
            it.engine.suspend();
            for (int i = 0; i < 8; i++) {
                it.send("a@example.org", "b@example.com");
            }
            it.engine.resume();
            List<DeliveryEvent.Delivered> delivered = it.await(DeliveryEvent.Delivered.class, e -> true, 8);
            assertThat(delivered.stream().map(e -> e.connection().dcid()).distinct()).hasSize(2);
        }
    }

    @Test
    void noMoreConnectionsThanTheAddressMayHaveAreOpen() throws Exception {
        try (FakeMx mx = host(Map.of("CONTENT", new Effect.Stall()));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.connections(5).perAddress(2))) {
            for (int i = 0; i < 10; i++) {
                it.send("a@example.org", "b@example" + i + ".com");
            }
            it.await(DeliveryEvent.DeliveryStarted.class, e -> true, 2);
            assertThat(it.engine.gauges().connections()).isEqualTo(2);
        }
    }

    @Test
    void whatIsSuspendedWaitsAndGoesOnWhenResumed() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend(Domain.of("example.com"));
            Mid held = it.send("a@example.org", "b@example.com");
            Mid free = it.send("a@example.org", "b@example.net");
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(free));
            assertThat(it.events(MessageEvent.Finished.class)).noneMatch(e -> e.mid().equals(held));
            it.engine.resume(Domain.of("example.com"));
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(held));
        }
    }

    @Test
    void aPolicyChangeReachesConnectionsThatAreOpenAlready() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> true);
            it.reload(List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.REQUIRED));
            it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Waits.class, e -> true);
            assertThat(mx.received()).hasSize(1);
        }
    }

    @Test
    void aDestinationWithoutMailAndConnectionsIsForgotten() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.messagesPerConnection(1))) {
            Set<Mid> sent = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                sent.add(it.send("a@example.org", "b@example" + i + ".com"));
            }
            it.await(MessageEvent.Finished.class, e -> sent.contains(e.mid()), 20);
            it.await(DeliveryEvent.Closed.class, e -> true, 20);
            it.engine.stop(Duration.ofSeconds(10));
            assertThat(it.engine.gauges()).isEqualTo(new DeliveryEngine.Gauges(0, 0, 0, false));
        }
    }

    /// It is told to whoever hears of bugs, and mail waits for the next try, as after any failure.
    @Test
    void aBugWhileHostsAreLookedUpDoesNotKeepMailForGood() throws Exception {
        List<Throwable> told = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, bug) -> told.add(bug));
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of())); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.faulty = true;
            Mid sent = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Waits.class, waits -> waits.reason().contains("a fault of this program"));
            assertThat(told).singleElement().isInstanceOf(IllegalStateException.class);
            it.faulty = false;
            it.settle();
            it.clock.advance(Duration.ofSeconds(90));
            it.await(MessageEvent.Finished.class, finished -> finished.mid().equals(sent));
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }
}
