package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.queue.QueuedMessage;

/// Recipients of one message that travel together. Guarded by the engine's lock.
final class Item {

    enum Phase { READY, UNDER_WAY, DEFERRED, GONE }

    final QueuedMessage message;
    final Destination destination;
    List<Integer> rids;
    int attempts;
    int hostsTried;
    Phase phase = Phase.READY;
    Instant due;
    Outcome.@Nullable Reason reason;
    String announced = "";

    Item(QueuedMessage message, Destination destination, List<Integer> rids, int attempts, Instant due) {
        this.message = message;
        this.destination = destination;
        this.rids = new ArrayList<>(rids);
        this.attempts = attempts;
        this.due = due;
    }

    Instant received() {
        return message.origin().received();
    }
}
