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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.SourceSettings;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// Virtual gateways, from the queue to the socket.
class GatewayTest {

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
        return new Gateway("bulk", List.of(address(address)), Optional.of(Domain.of("bulk.example.net")), connections);
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
}
