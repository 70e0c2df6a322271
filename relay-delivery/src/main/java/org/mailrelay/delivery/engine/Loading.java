package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.queue.QueuedMessage;

/// Brings messages from the disk shortly before they are sent: off the event loops, not under the lock, a few ahead of what a destination sends.
final class Loading {

    /// Read ahead at once, for one destination.
    private static final int AHEAD = 64;

    private final EngineState state;
    private final Settlement settlement;

    Loading(EngineState state, Settlement settlement) {
        this.state = state;
        this.settlement = settlement;
    }

    /// The first of the queue, if it is in memory; else it is sent for, and the destination's connections are woken. Under the lock.
    @Nullable Item take(Destination destination, Chain<Item> queue) {
        Item first = queue.peek();
        if (first == null) {
            return null;
        }
        if (first.message == null) {
            ahead(destination, queue);
            return null;
        }
        queue.remove(first);
        Item next = queue.peek();
        if (next != null && next.message == null) {
            ahead(destination, queue);
        }
        return first;
    }

    private void ahead(Destination destination, Chain<Item> queue) {
        if (destination.reading) {
            return;
        }
        destination.reading = true;
        List<Item> wanted = new ArrayList<>(AHEAD);
        for (Item item = queue.peek(); item != null && wanted.size() < AHEAD; item = item.next) {
            if (item.message == null) {
                wanted.add(item);
            }
        }
        state.background("load " + destination.key.domain(), () -> load(destination, wanted));
    }

    private void load(Destination destination, List<Item> wanted) {
        try {
            load(wanted);
        } finally {
            state.locked(() -> {
                destination.reading = false;
                List.copyOf(destination.idle).forEach(ConnectionSource::wake);
            });
        }
    }

    private void load(List<Item> wanted) {
        for (Item item : wanted) {
            try {
                Optional<QueuedMessage> message = state.parts.spool().load(item.mid());
                state.locked(() -> loaded(item, message));
            } catch (IOException unreadable) {
                state.locked(() -> {
                    if (item.phase == Item.Phase.READY) {
                        item.unlink();
                        state.become(item, Item.Phase.UNDER_WAY);
                        settlement.unreadable(item, String.valueOf(unreadable.getMessage()));
                    }
                });
            }
        }
    }

    private void loaded(Item item, Optional<QueuedMessage> message) {
        if (item.phase != Item.Phase.READY) {
            return;
        }
        if (message.isPresent()) {
            state.keep(item, message.get());
        } else {
            item.unlink();
            settlement.vanished(item);
        }
    }
}
