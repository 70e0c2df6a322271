package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.SourceSettings;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// Virtual gateways, from the queue to the socket.
class GatewayTest {

    /// A part of the period is forgotten as a whole, and times fall due by the second.
    private static final Duration MINUTE = Duration.ofSeconds(63);

    @TempDir
    private Path folder;

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static SourceSettings bulkFor(String sender, Gateway bulk) {
        return new SourceSettings(Map.of("bulk", bulk), Map.of(), new DomainTable<>(Map.of(Domain.of(sender), "bulk"), Map.of()), DomainTable.empty(), Optional.empty(), Map.of());
    }

    private static Gateway bulk(String address, OptionalInt connections) {
        return new Gateway("bulk", List.of(address(address)), Optional.of(Domain.of("bulk.example.net")), Gateway.Limits.NONE.connections(connections));
    }

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    @Test
    void mailOfTwoSendersToOneDomainLeavesByTwoGateways() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture engine = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            engine.sources(bulkFor("news.example", bulk("127.0.0.2", OptionalInt.empty())));
            engine.send("a@news.example", "r@example.com");
            engine.send("a@example.net", "r@example.com");
            engine.await(MessageEvent.Finished.class, _ -> true, 2);
            assertThat(mx.peers()).containsExactlyInAnyOrder(address("127.0.0.2"), address("127.0.0.1"));
            assertThat(mx.commands()).contains("EHLO bulk.example.net", "EHLO relay.example.net");
        }
    }

    @Test
    void aGatewayHasNoMoreConnectionsThanItIsGiven() throws Exception {
        try (FakeMx mx = host(Map.of("CONTENT", new Effect.Stall())); EngineFixture engine = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            engine.sources(bulkFor("news.example", bulk("127.0.0.2", OptionalInt.of(1))));
            engine.send("a@news.example", "r@one.example");
            engine.await(DeliveryEvent.DeliveryStarted.class, _ -> true);
            engine.send("a@news.example", "r@two.example");
            engine.send("a@example.net", "r@three.example");
            engine.await(DeliveryEvent.DeliveryStarted.class, _ -> true, 2);
            assertThat(mx.peers()).as("the second message of the gateway waits").containsExactly(address("127.0.0.2"), address("127.0.0.1"));
            mx.close();
        }
    }

    private static Gateway limited(Gateway.Limits limits) {
        return new Gateway("bulk", List.of(address("127.0.0.2")), Optional.empty(), limits);
    }

    /// The domain's own limit is 50: the smaller of both holds, and mail by another gateway has the larger one.
    @Test
    void aGatewaysConnectionsCarryNoMoreMessagesThanItSays() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.connections(1))) {
            it.sources(bulkFor("news.example", limited(Gateway.Limits.NONE.messagesPerConnection(OptionalInt.of(2)))));
            it.engine.suspend();
            send(it, 6, "r@example.com");
            for (int i = 0; i < 6; i++) {
                it.send("a@example.net", "r@example.com");
            }
            it.engine.resume();
            awaitFinished(it, 12);
            Map<Dcid, List<DeliveryEvent.Delivered>> carried = it.events(DeliveryEvent.Delivered.class).stream().collect(Collectors.groupingBy(e -> e.connection().dcid()));
            assertThat(carried.values().stream().map(List::size)).containsExactlyInAnyOrder(2, 2, 2, 6);
        }
    }

    @Test
    void aGatewaysTransactionsHaveNoMoreRecipientsThanItSays() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.sources(bulkFor("news.example", limited(Gateway.Limits.NONE.recipientsPerMessage(OptionalInt.of(2)))));
            it.send("a@news.example", "a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com");
            it.send("a@example.net", "a@example.com", "b@example.com", "c@example.com");
            awaitFinished(it, 2);
            assertThat(it.events(DeliveryEvent.Delivered.class).stream().map(e -> e.rids().size())).containsExactlyInAnyOrder(2, 2, 1, 3);
        }
    }

    private static Gateway rated(int recipients) {
        return new Gateway("bulk", List.of(address("127.0.0.2")), Optional.empty(), Gateway.Limits.NONE.recipientRate(Optional.of(new RecipientRate(recipients, Duration.ofMinutes(1)))));
    }

    private static void awaitFinished(EngineFixture it, int count) throws Exception {
        it.await(MessageEvent.Finished.class, _ -> true, count);
        it.settleAll();
    }

    private static void send(EngineFixture it, int messages, String recipient) throws Exception {
        for (int i = 0; i < messages; i++) {
            it.send("a@news.example", recipient);
        }
    }

    @Test
    void aGatewaysRateHoldsForAllItsDestinationsTogetherAndForNoOtherGateway() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.sources(bulkFor("news.example", rated(4)));
            send(it, 3, "r@one.example");
            send(it, 3, "r@two.example");
            DeliveryEvent.Waits waits = it.await(DeliveryEvent.Waits.class, _ -> true);
            assertThat(waits.reason()).isEqualTo("recipient rate 4/1m of the virtual gateway bulk reached");
            awaitFinished(it, 4);
            it.send("a@example.net", "r@one.example");
            awaitFinished(it, 5);
            assertThat(it.engine.snapshot()).hasSize(2).allSatisfy(entry -> {
                assertThat(entry.reason()).isEqualTo(waits.reason());
                assertThat(entry.state()).isEqualTo(QueueEntry.State.WAITING);
                assertThat(entry.next()).isAfter(it.clock.instant());
            });
            it.clock.advance(MINUTE);
            awaitFinished(it, 7);
            assertThat(it.events(DeliveryEvent.Waits.class)).hasSize(1);
        }
    }

    @Test
    void destinationsThatWaitForAGatewaysRateShareWhatBecomesFree() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.sources(bulkFor("news.example", rated(6)));
            send(it, 40, "r@large.example");
            awaitFinished(it, 6);
            it.await(DeliveryEvent.Waits.class, _ -> true);
            send(it, 3, "r@small.example");
            send(it, 1, "r@single.example");
            it.settleAll();
            it.clock.advance(MINUTE);
            awaitFinished(it, 6 + 2 + 2 + 1);
            assertThat(delivered(mx, "small")).isEqualTo(2);
            assertThat(delivered(mx, "single")).isEqualTo(1);
            it.clock.advance(Duration.ofSeconds(7));
            awaitFinished(it, 12);
            assertThat(delivered(mx, "large") + delivered(mx, "small")).as("a share that was not used is another's").isEqualTo(11);
            it.clock.advance(MINUTE.plusSeconds(10));
            awaitFinished(it, 18);
            assertThat(delivered(mx, "small")).isEqualTo(3);
        }
    }

    private static long delivered(FakeMx mx, String domain) {
        return mx.commands().stream().filter(command -> command.equals("RCPT TO:<r@" + domain + ".example>")).count();
    }

    @Test
    void R_MX_10_anAddressThatCannotBeBoundIsToldOnceAndCostsNoAttempt() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture engine = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            engine.sources(bulkFor("news.example", bulk("192.0.2.8", OptionalInt.empty())));
            Mid mid = engine.send("a@news.example", "r@example.com");
            DeliveryEvent.Waits waits = engine.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
            assertThat(waits.reason()).isEqualTo("Cannot assign requested address from 192.0.2.8");
            engine.clock.advance(Duration.ofMinutes(2));
            engine.await(DeliveryEvent.ConnectionFailed.class, _ -> true, 2);
            assertThat(engine.events(SystemEvent.SourceUnusable.class)).as("a Warning once").singleElement()
                    .satisfies(event -> assertThat(event.address()).isEqualTo("192.0.2.8"));
            assertThat(engine.engine.snapshot()).singleElement().satisfies(entry -> assertThat(entry.attempts()).isZero());
        }
    }

    /// Where a family is required the other is not tried.
    @ParameterizedTest
    @EnumSource(DestinationPolicy.IpPreference.class)
    void theOtherFamilyIsTriedAtOnceWhereThePreferredOneDoesNotAnswer(DestinationPolicy.IpPreference preference) throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.dns.record("mx.example.com", "A", "127.0.0.1").record("mx.example.com", "AAAA", "::1");
            it.named("mx.example.com", mx.address().getPort(), preference);
            Mid mid = it.send("a@example.net", "r@example.com");
            List<String> refused = preference.name().startsWith("V6") ? List.of("0:0:0:0:0:0:0:1") : List.of();
            if (preference == DestinationPolicy.IpPreference.V6_REQUIRED) {
                it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
                assertThat(mx.received()).isEmpty();
            } else {
                it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
                assertThat(it.engine.gauges().messages()).isZero();
            }
            assertThat(it.events(DeliveryEvent.ConnectionFailed.class)).extracting(failed -> address(failed.connection().peerAddress()).getHostAddress()).isEqualTo(refused);
        }
    }
}
