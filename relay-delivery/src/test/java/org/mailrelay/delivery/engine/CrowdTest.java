package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// Many destinations at once: who gets the connections, and what it costs that some are dead.
@Timeout(60)
class CrowdTest {

    @TempDir
    Path folder;

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    /// Twenty connections in all; three hundred destinations that refuse, stay silent or stall in the middle of a transaction come first.
    @Test
    void hundredsOfDeadDestinationsDoNotKeepLiveMailWaiting() throws Exception {
        try (FakeMx live = host(Map.of()); FakeMx refusing = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); FakeMx silent = host(Map.of("GREETING", new Effect.Stall()));
                FakeMx stalling = host(Map.of("MAIL", new Effect.Stall()));
                EngineFixture it = new EngineFixture(folder, List.of(live), EngineFixture.Terms.PLAIN.overall(20))) {
            Map<String, FakeMx> ways = new HashMap<>();
            for (int i = 0; i < 100; i++) {
                ways.put("refusing" + i + ".example", refusing);
                ways.put("silent" + i + ".example", silent);
                ways.put("stalling" + i + ".example", stalling);
            }
            it.route(ways);
            Mid known = it.send("a@example.org", "b@live.example");
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(known));
            List<String> domains = List.copyOf(ways.keySet());
            it.sendAll(domains.size(), i -> "b@" + domains.get(i));
            it.sendAll(400, i -> i % 2 == 0 ? "b@live.example" : "b@silent" + i % 100 + ".example");
            it.await(DeliveryEvent.Delivered.class, e -> e.connection().domain().name().equals("live.example"), 201);
            assertThat(it.engine.gauges().connections()).isLessThanOrEqualTo(20);
        }
    }

    /// With a place held by a silent host, live mail would use one more than there are: that is no reason to close those it has.
    @Test
    void liveMailKeepsItsConnectionsBesideASilentHost() throws Exception {
        try (FakeMx live = host(Map.of()); FakeMx silent = host(Map.of("GREETING", new Effect.Stall()));
                EngineFixture it = new EngineFixture(folder, List.of(live), EngineFixture.Terms.PLAIN.overall(4))) {
            it.route(Map.of("silent.example", silent));
            Mid known = it.send("a@example.org", "b@live.example");
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(known));
            it.sendAll(10, _ -> "b@silent.example");
            it.await(DeliveryEvent.Opened.class, e -> e.connection().domain().name().equals("silent.example"));
            it.sendAll(300, _ -> "b@live.example");
            it.await(DeliveryEvent.Delivered.class, e -> e.connection().domain().name().equals("live.example"), 301);
            // Three at once, and each ends after fifty messages by its own limit.
            assertThat(it.events(DeliveryEvent.Opened.class).stream().filter(e -> e.connection().domain().name().equals("live.example"))).hasSizeLessThanOrEqualTo(10);
        }
    }

    /// All that may be tried at once stays silent: the next in the queue must not wait for five minutes of each.
    @Test
    void silentHostsGiveTheirPlaceUpToNewDestinations() throws Exception {
        try (FakeMx live = host(Map.of()); FakeMx silent = host(Map.of("GREETING", new Effect.Stall()));
                EngineFixture it = new EngineFixture(folder, List.of(live), EngineFixture.Terms.PLAIN.overall(4))) {
            Map<String, FakeMx> ways = new HashMap<>();
            for (int i = 0; i < 10; i++) {
                ways.put("silent" + i + ".example", silent);
            }
            it.route(ways);
            it.sendAll(10, i -> "b@silent" + i + ".example");
            it.await(DeliveryEvent.Opened.class, _ -> true, 1);
            Mid fresh = it.send("a@example.org", "b@live.example");
            for (int i = 0; i < 12 && it.events(MessageEvent.Finished.class).isEmpty(); i++) {
                it.settle();
                int failed = it.events(DeliveryEvent.ConnectionFailed.class).size();
                it.clock.advance(Duration.ofSeconds(31));
                it.awaitEither(DeliveryEvent.ConnectionFailed.class, failed + 1, MessageEvent.Finished.class, 1);
            }
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(fresh));
        }
    }

    private static final EngineFixture.Terms THREE_A_CONNECTION = EngineFixture.Terms.PLAIN.messagesPerConnection(3);

    /// One connection that carries three messages and ends: the host is known, and nothing is open.
    private static void getToKnow(EngineFixture it) throws Exception {
        for (int i = 1; i <= 3; i++) {
            it.send("a@example.org", "b@known.example");
            it.await(MessageEvent.Finished.class, _ -> true, i);
        }
        it.await(DeliveryEvent.Closed.class, _ -> true);
        it.settle();
        assertThat(it.events(DeliveryEvent.Opened.class)).hasSize(1);
    }

    /// The first connection after the pause never gets beyond its EHLO, as one on a slow way would not for a while.
    @Test
    void theGreetingOfAHostThatAnsweredLatelyIsEnoughForOthersToFollow() throws Exception {
        try (FakeMx mx = host(Map.of("EHLO", new Effect.EverySecond(new Effect.Stall())));
                EngineFixture it = new EngineFixture(folder, List.of(mx), THREE_A_CONNECTION)) {
            getToKnow(it);
            it.sendAll(2, _ -> "b@known.example");
            it.await(MessageEvent.Finished.class, _ -> true, 5);
        }
    }

    @Test
    void aHostThatDiedAfterItAnsweredCostsOneConnectionAndOneLine() throws Exception {
        try (FakeMx mx = host(Map.of("GREETING", new Effect.EverySecond(Effect.line("554 5.3.2 closed"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), THREE_A_CONNECTION)) {
            getToKnow(it);
            it.sendAll(50, _ -> "b@known.example");
            it.await(DeliveryEvent.Waits.class, _ -> true, 50);
            it.settle();
            assertThat(it.events(DeliveryEvent.ConnectionFailed.class)).hasSize(1);
        }
    }

    /// It greets, and would not have us then: what opened at once tells the same of one host, once.
    @Test
    void hostsAreNamedOnceHoweverManyConnectionsFailedAtThem() throws Exception {
        try (FakeMx mx = host(Map.of("EHLO", new Effect.EverySecond(Effect.line("554 5.7.1 no"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), THREE_A_CONNECTION)) {
            getToKnow(it);
            it.sendAll(50, _ -> "b@known.example");
            it.await(MessageEvent.Finished.class, _ -> true, 53);
            assertThat(it.events(DeliveryEvent.Waits.class)).allMatch(waits -> waits.tried().size() <= 1);
        }
    }

    @Test
    void oneDeadAddressIsProbedByOneConnectionForAllItsDestinations() throws Exception {
        try (FakeMx dead = host(Map.of("GREETING", Effect.line("554 5.3.2 closed")));
                EngineFixture it = new EngineFixture(folder, List.of(dead), EngineFixture.Terms.PLAIN)) {
            it.sendAll(50, i -> "b@d" + i + ".example");
            it.await(DeliveryEvent.Waits.class, _ -> true, 50);
            assertThat(it.events(DeliveryEvent.ConnectionFailed.class)).hasSize(1);
            assertThat(it.events(DeliveryEvent.Waits.class)).allMatch(waits -> waits.reason().contains("closed") && !waits.tried().isEmpty());
            it.settle();
            it.clock.advance(Duration.ofSeconds(68));
            it.await(DeliveryEvent.ConnectionFailed.class, _ -> true, 2);
            it.settle();
            assertThat(it.events(DeliveryEvent.ConnectionFailed.class)).hasSize(2);
        }
    }

    @Test
    void allThatWaitedForAnAddressComeWhenItLivesAgain() throws Exception {
        try (FakeMx mx = host(Map.of("GREETING", new Effect.Once(Effect.line("421 4.3.2 not now"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            List<Mid> sent = it.sendAll(30, i -> "b@d" + i + ".example");
            it.await(DeliveryEvent.Waits.class, _ -> true, 30);
            it.settle();
            it.clock.advance(Duration.ofSeconds(68));
            it.await(MessageEvent.Finished.class, e -> sent.contains(e.mid()), 30);
        }
    }

    @Test
    void destinationsThatShareAnAddressHaveItInTurn() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.perAddress(1))) {
            it.engine.suspend();
            it.sendAll(200, _ -> "b@long.example");
            Mid last = it.send("a@example.org", "b@short.example");
            it.engine.resume();
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(last));
            // Others finish while the test looks: what counts is what came before.
            List<Mid> finished = it.events(MessageEvent.Finished.class).stream().map(MessageEvent.Finished::mid).toList();
            assertThat(finished.indexOf(last)).as("before the long queue was through").isLessThan(100);
        }
    }

    @Test
    void whenAllConnectionsAreTakenDestinationsTakeTurns() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.overall(2))) {
            it.engine.suspend();
            it.sendAll(300, _ -> "b@long.example");
            List<Mid> others = it.sendAll(20, i -> "b@short" + i + ".example");
            it.engine.resume();
            it.await(MessageEvent.Finished.class, e -> others.contains(e.mid()), 20);
            // Others finish while the test looks: what counts is what came before.
            List<Mid> finished = it.events(MessageEvent.Finished.class).stream().map(MessageEvent.Finished::mid).toList();
            assertThat(others.stream().mapToInt(finished::indexOf).max().orElseThrow()).as("the long queue has not been let through first").isLessThan(300);
            assertThat(it.engine.gauges().connections()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aTryOfADeadHostCostsNoChangeInTheSpoolAndNoLineAMessage() throws Exception {
        try (FakeMx closed = host(Map.of("GREETING", Effect.line("554 5.3.2 closed")));
                EngineFixture it = new EngineFixture(folder, List.of(closed), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            it.sendAll(5_000, _ -> "b@example.com");
            it.engine.resume();
            it.await(DeliveryEvent.Waits.class, _ -> true, 5_000);
            it.await(DeliveryEvent.Closed.class, _ -> true);
            for (int tries = 2; tries < 5; tries++) {
                it.settleAll();
                long syncs = it.spool().status().syncs();
                int before = it.all().size();
                it.advanceToTheNextTry();
                it.await(DeliveryEvent.ConnectionFailed.class, _ -> true, tries);
                it.await(DeliveryEvent.Closed.class, _ -> true, tries);
                assertThat(it.all().size() - before).as("events of a try").isLessThan(10);
                assertThat(it.spool().status().syncs()).isEqualTo(syncs);
            }
        }
    }

    /// R-MX-11.
    @Test
    void aHostThatComesBackIsApproachedByOneConnectionFirst() throws Exception {
        try (FakeMx mx = host(Map.of("GREETING", new Effect.Once(Effect.line("421 4.3.2 not now")), "CONTENT", new Effect.Gate("250 2.0.0 ok\r\n")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.connections(20))) {
            it.engine.suspend();
            it.sendAll(100, _ -> "b@example.com");
            it.engine.resume();
            it.await(DeliveryEvent.Waits.class, _ -> true, 100);
            it.settle();
            it.clock.advance(Duration.ofSeconds(68));
            it.await(DeliveryEvent.DeliveryStarted.class, _ -> true);
            assertThat(it.engine.gauges().connections()).isEqualTo(1);
            mx.open();
            it.await(MessageEvent.Finished.class, _ -> true, 100);
        }
    }
}
