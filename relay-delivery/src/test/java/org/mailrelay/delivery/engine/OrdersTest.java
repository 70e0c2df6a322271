package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// What operators ask of a queue that is at work: durable when it returns, and never a duplicate or a loss.
@Timeout(60)
class OrdersTest {

    @TempDir
    Path folder;

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    private static List<Mid> send(EngineFixture it, int count) throws Exception {
        return it.sendAll(count, _ -> "b@example.com");
    }

    @Test
    void whatIsHeldStaysOverARestartAndGoesOnceReleased() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> sent = send(it, 3);
            Mid held = sent.get(1);
            assertThat(it.engine.act(entry -> entry.mid().equals(held), new Order.Hold())).isEqualTo(new DeliveryEngine.Done(1, 0));
            it.restart();
            it.await(MessageEvent.Finished.class, e -> !e.mid().equals(held), 2);
            assertThat(it.engine.snapshot()).singleElement().satisfies(entry -> {
                assertThat(entry.mid()).isEqualTo(held);
                assertThat(entry.state()).isEqualTo(QueueEntry.State.HELD);
            });
            assertThat(it.engine.act(_ -> true, new Order.Retry()).recipients()).as("a hold is not ended by a retry").isZero();
            assertThat(it.engine.act(_ -> true, new Order.Release()).recipients()).isEqualTo(1);
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(held));
            assertThat(mx.received()).hasSize(3);
            assertThat(it.events(MessageEvent.Directed.class).stream().map(MessageEvent.Directed::order)).containsExactly("held by the operator", "released by the operator");
        }
    }

    @Test
    void whatIsReleasedStaysReleasedOverARestart() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            send(it, 1);
            it.engine.act(_ -> true, new Order.Hold());
            it.engine.act(_ -> true, new Order.Release());
            it.restart();
            it.await(MessageEvent.Finished.class, MessageEvent.Finished::done);
        }
    }

    @Test
    void whatIsRedirectedGoesToTheOtherHostOverARestartToo() throws Exception {
        try (FakeMx down = host(Map.of("GREETING", Effect.line("554 5.3.2 closed"))); FakeMx other = host(Map.of());
                EngineFixture it = new EngineFixture(folder, List.of(down), EngineFixture.Terms.PLAIN)) {
            List<Mid> sent = send(it, 5);
            it.await(DeliveryEvent.Waits.class, _ -> true, 5);
            it.engine.suspend();
            Redirection to = Redirection.parse("127.0.0.1:" + other.address().getPort(), 25).orElseThrow();
            assertThat(it.engine.act(_ -> true, new Order.Redirect(to))).isEqualTo(new DeliveryEngine.Done(5, 0));
            it.restart();
            it.await(MessageEvent.Finished.class, e -> sent.contains(e.mid()) && e.done(), 5);
            assertThat(other.received()).hasSize(5);
            assertThat(it.events(DeliveryEvent.Bounced.class)).isEmpty();
        }
    }

    @Test
    void aRedirectionThatWaitsAgainKeepsItsWayOverARestart() throws Exception {
        try (FakeMx mx = host(Map.of()); FakeMx busy = host(Map.of("RCPT", new Effect.Once(Effect.line("450 4.2.1 busy"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            send(it, 1);
            it.engine.act(_ -> true, new Order.Redirect(Redirection.parse("127.0.0.1", busy.address().getPort()).orElseThrow()));
            it.engine.resume();
            it.await(DeliveryEvent.Pending.class, _ -> true);
            it.restart();
            assertThat(it.engine.snapshot()).singleElement().satisfies(entry -> assertThat(entry.redirected()).isPresent());
            it.engine.act(_ -> true, new Order.Retry());
            it.await(MessageEvent.Finished.class, MessageEvent.Finished::done);
            assertThat(busy.received().stream().filter(message -> !message.content().isEmpty())).hasSize(1);
            assertThat(mx.received()).isEmpty();
        }
    }

    @Test
    void whatIsBouncedTellsItsSender() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> sent = send(it, 2);
            assertThat(it.engine.act(entry -> entry.mid().equals(sent.getFirst()), new Order.Bounce()).recipients()).isEqualTo(1);
            assertThat(it.await(DeliveryEvent.Bounced.class, _ -> true).verdict().mid()).isEqualTo(sent.getFirst());
            assertThat(it.events(MessageEvent.GeneratedForBounce.class)).hasSize(1);
            assertThat(it.engine.count(entry -> entry.mid().equals(sent.getFirst()))).isEqualTo(new DeliveryEngine.Count(0, 0));
        }
    }

    @Test
    void anOrderForWhatIsBeingDeliveredIsObeyedOnlyIfItWaitsAgain() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<b@example.com>", new Effect.Gate("450 4.2.1 busy\r\n")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = send(it, 1).getFirst();
            it.await(DeliveryEvent.DeliveryStarted.class, _ -> true);
            assertThat(it.engine.act(_ -> true, new Order.Hold())).isEqualTo(new DeliveryEngine.Done(0, 1));
            mx.open();
            it.await(MessageEvent.Directed.class, e -> e.mid().equals(mid));
            assertThat(it.engine.snapshot()).singleElement().satisfies(entry -> assertThat(entry.state()).isEqualTo(QueueEntry.State.HELD));
        }
    }

    @Test
    void anOrderForWhatIsDeliveredMeanwhileChangesNothing() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<b@example.com>", new Effect.Gate("250 2.1.5 ok\r\n")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = send(it, 1).getFirst();
            it.await(DeliveryEvent.DeliveryStarted.class, _ -> true);
            assertThat(it.engine.act(_ -> true, new Order.Delete())).isEqualTo(new DeliveryEngine.Done(0, 1));
            mx.open();
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
            assertThat(mx.received()).hasSize(1);
            assertThat(it.events(MessageEvent.Deleted.class)).isEmpty();
        }
    }

    /// Each message ends in exactly one way, whoever comes first.
    @Test
    void deletingWhileAllIsBeingDeliveredMakesNoDuplicateAndNoLoss() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> sent = send(it, 1_000);
            it.engine.resume();
            it.await(DeliveryEvent.Delivered.class, _ -> true);
            long deleted = 0;
            for (int round = 0; round < 20; round++) {
                int some = round;
                deleted += it.engine.act(entry -> entry.mid().value() % 20 == some, new Order.Delete()).recipients();
            }
            it.await(MessageEvent.Finished.class, e -> sent.contains(e.mid()), 1_000);
            Set<Mid> gone = it.events(MessageEvent.Deleted.class).stream().map(MessageEvent.Deleted::mid).collect(Collectors.toSet());
            Set<Mid> delivered = it.events(DeliveryEvent.Delivered.class).stream().map(DeliveryEvent.Delivered::mid).collect(Collectors.toSet());
            assertThat(gone).noneMatch(delivered::contains).hasSize((int) deleted);
            assertThat(mx.received()).hasSize(delivered.size());
            Set<Mid> all = new HashSet<>(gone);
            all.addAll(delivered);
            assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(it.events(MessageEvent.Finished.class)).hasSize(1_000);
        }
    }

    @Test
    void holdingAndReleasingAgainAndAgainWhileAllIsBeingDeliveredDeliversEachOnce() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> sent = send(it, 500);
            it.engine.resume();
            for (int round = 0; round < 10; round++) {
                it.engine.act(_ -> true, new Order.Hold());
                it.engine.act(_ -> true, new Order.Release());
            }
            // What was on its way to the disk when the last release came is held after it.
            while (it.events(MessageEvent.Finished.class).size() < 500) {
                it.settle();
                it.engine.act(_ -> true, new Order.Release());
            }
            assertThat(it.events(MessageEvent.Finished.class).stream().map(MessageEvent.Finished::mid)).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(mx.received()).hasSize(500);
        }
    }

    /// Each order returns once what it changed is durable, whoever else changes the same meanwhile.
    @Test
    void ordersOfSeveralOperatorsAboutTheSameMailAllReturn() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            send(it, 200);
            List<Order> orders = List.of(new Order.Hold(), new Order.Release(), new Order.Redirect(Redirection.parse("127.0.0.1:25", 25).orElseThrow()), new Order.Retry());
            try (ExecutorService operators = Executors.newFixedThreadPool(orders.size())) {
                List<Future<?>> all = new ArrayList<>();
                for (Order order : orders) {
                    all.add(operators.submit(() -> {
                        for (int round = 0; round < 10; round++) {
                            it.engine.act(_ -> true, order);
                        }
                        return null;
                    }));
                }
                for (Future<?> each : all) {
                    each.get(40, TimeUnit.SECONDS);
                }
            }
            it.settleAll();
            assertThat(it.engine.count(_ -> true)).isEqualTo(new DeliveryEngine.Count(200, 200));
        }
    }

    @Test
    void aCountNamesMessagesAndRecipientsAndChangesNothing() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            it.send("a@example.org", "b@example.com", "c@example.com", "d@example.net");
            it.send("x@example.org", "b@example.com");
            assertThat(it.engine.count(_ -> true)).isEqualTo(new DeliveryEngine.Count(2, 4));
            assertThat(it.engine.count(entry -> entry.sender().toString().equals("<x@example.org>"))).isEqualTo(new DeliveryEngine.Count(1, 1));
            assertThat(it.engine.count(entry -> entry.domain().equals(Domain.of("example.com")))).isEqualTo(new DeliveryEngine.Count(2, 3));
            assertThat(it.engine.recipients().ready()).isEqualTo(4);
        }
    }

    @Test
    void aSuspensionSurvivesAReload() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend(Domain.of("example.com"));
            it.send("a@example.org", "b@example.com");
            it.reload(List.of(mx), EngineFixture.Terms.PLAIN.connections(3));
            Mid other = it.send("a@example.org", "b@example.net");
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(other));
            assertThat(mx.received()).hasSize(1);
            it.engine.resume(Domain.of("example.com"));
            it.await(MessageEvent.Finished.class, e -> !e.mid().equals(other));
        }
    }
}
