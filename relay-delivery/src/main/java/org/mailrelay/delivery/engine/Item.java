package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
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
    /// What the last `waits` line said, and when.
    String announced = "";
    Instant announcedAt = Instant.MIN;

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

    DeliveryEvent.Verdict verdict(int rid, Outcome.Reason why, Dcid dcid) {
        return new DeliveryEvent.Verdict(dcid, message.mid(), message.envelope().sender(), message.envelope().mailbox(rid), rid,
                why.status(), why.words(), why.code(), why.texts());
    }
}
