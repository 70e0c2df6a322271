package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
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

/// A long queue at a start: taken up beside everything else.
@Timeout(60)
class TakeUpTest {

    private static final int QUEUED = 2_000;

    @TempDir
    Path folder;

    @Test
    void whatWaitedAndWhatComesMeanwhileIsDeliveredOnce() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of())); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> all = new ArrayList<>(it.sendAll(QUEUED, i -> "b@d" + i % 10 + ".example"));
            it.restart();
            all.addAll(it.sendAll(200, i -> "b@d" + i % 20 + ".example"));
            it.await(MessageEvent.Finished.class, _ -> true, QUEUED + 200);
            assertThat(it.events(DeliveryEvent.Delivered.class)).extracting(DeliveryEvent.Delivered::mid).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    @Test
    void ordersAndListsAreAboutAllOfIt() throws Exception {
        try (FakeMx closed = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("GREETING", Effect.line("554 5.3.2 closed"))));
                EngineFixture it = new EngineFixture(folder, List.of(closed), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> all = it.sendAll(QUEUED, i -> "b@d" + i % 10 + ".example");
            it.restart();
            assertThat(it.engine.act(_ -> true, new Order.Hold()).recipients()).isEqualTo(QUEUED);
            assertThat(it.engine.snapshot()).extracting(QueueEntry::mid).containsExactlyElementsOf(all);
            assertThat(it.engine.recipientsByDomain()).hasSize(10).allSatisfy((_, recipients) -> assertThat(recipients).isEqualTo(QUEUED / 10));
            it.restart();
            assertThat(it.engine.count(entry -> entry.state() == QueueEntry.State.HELD)).isEqualTo(new DeliveryEngine.Count(QUEUED, QUEUED));
        }
    }

    @Test
    void aListBeginsWhereItIsToldAndEndsWhereItIsWanted() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of())); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend();
            List<Mid> all = it.sendAll(1_000, i -> "b@d" + i % 3 + ".example");
            List<Mid> shown = new ArrayList<>();
            it.engine.each(all.get(99), entry -> entry.domain().name().equals("d1.example"), entry -> {
                shown.add(entry.mid());
                return shown.size() < 5;
            });
            assertThat(shown).containsExactly(all.get(100), all.get(103), all.get(106), all.get(109), all.get(112));
        }
    }
}
