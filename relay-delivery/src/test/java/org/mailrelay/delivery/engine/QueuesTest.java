package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;

/// The structures that hold a long queue.
class QueuesTest {

    private static final Destination DESTINATION = new Destination(new DestinationKey(Domain.of("example.com"), Optional.empty(), Optional.empty()));

    private static Item item(long mid) {
        return new Item(mid, Instant.EPOCH, DESTINATION, List.of(0), 0);
    }

    @Test
    void aChainKeepsItsOrderWhoeverLeavesFromWhere() {
        Random random = new Random(2);
        Chain<Item> chain = new Chain<>();
        List<Item> model = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    Item item = item(i);
                    chain.addLast(item);
                    model.addLast(item);
                }
                case 1 -> {
                    Item item = item(i);
                    chain.addFirst(item);
                    model.addFirst(item);
                }
                case 2 -> {
                    if (!model.isEmpty()) {
                        model.remove(random.nextInt(model.size())).unlink();
                    }
                    model.removeIf(item -> item.chain == null);
                }
                default -> assertThat(chain.poll()).isSameAs(model.isEmpty() ? null : model.removeFirst());
            }
            assertThat(chain.size()).isEqualTo(model.size());
        }
        assertThat(chain.all()).containsExactlyElementsOf(model);
    }

    @Test
    void nobodyStandsInTwoChains() {
        Chain<Item> one = new Chain<>();
        Chain<Item> other = new Chain<>();
        Item item = item(1);
        one.addLast(item);
        assertThatThrownBy(() -> other.addLast(item)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> other.remove(item)).isInstanceOf(IllegalStateException.class);
        item.unlink();
        item.unlink();
        other.addLast(item);
        assertThat(one.isEmpty()).isTrue();
    }

    @Test
    void theTableKnowsAMessageUntilItsLastItemHasLeft() {
        Random random = new Random(4);
        MessageTable table = new MessageTable();
        Map<Long, List<Item>> model = new LinkedHashMap<>();
        for (int i = 0; i < 50_000; i++) {
            long mid = random.nextInt(5_000) * 37L;
            List<Item> items = model.computeIfAbsent(mid, _ -> new ArrayList<>());
            if (random.nextBoolean() || items.isEmpty()) {
                Item item = item(mid);
                table.add(item);
                items.add(item);
            } else {
                Item gone = items.remove(random.nextInt(items.size()));
                assertThat(table.remove(gone)).isEqualTo(items.isEmpty());
            }
            if (items.isEmpty()) {
                model.remove(mid);
            }
            assertThat(table.contains(new Mid(mid))).isEqualTo(model.containsKey(mid));
            assertThat(table.size()).isEqualTo(model.size());
        }
        List<Item> all = new ArrayList<>();
        for (int part = 0; part < MessageTable.PARTS; part++) {
            all.addAll(table.part(part));
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(model.values().stream().flatMap(List::stream).toList());
    }
}
