package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    /// Connections that passed EHLO and TLS policy and were of no use, in this try.
    int sessions;
    /// The first host of the plan that may still have it in this try.
    int fromHost;
    /// A host turned it away unheard in this try: the next time counts.
    boolean turnedAway;
    /// Why a host would not have it in this try, by recipient.
    Map<Integer, Outcome.Reason> reasons = Map.of();
    /// Told, under the lock, once the facts of what came of it are.
    @Nullable Runnable told;
    Phase phase = Phase.READY;
    Instant due;
    Outcome.@Nullable Reason reason;
    /// The host that answered last, and when it was asked.
    @Nullable String host;
    @Nullable Instant tried;
    /// By recipient, what stood in the way until its time was over.
    Map<Integer, Outcome.Reason> lastReasons = Map.of();
    /// Recipients of whose delay the sender knows, and those of whom a warning is being stored.
    Set<Integer> warned = Set.of();
    Set<Integer> warning = Set.of();
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

    /// A new try: the whole list of hosts is open to it again.
    void nextTry() {
        attempts++;
        sessions = 0;
        fromHost = 0;
        turnedAway = false;
        reasons = Map.of();
    }

    Map<Integer, Outcome.Reason> all(Outcome.Reason why) {
        Map<Integer, Outcome.Reason> reasons = new LinkedHashMap<>(rids.size());
        rids.forEach(rid -> reasons.put(rid, why));
        return reasons;
    }

    void factsTold() {
        Runnable waiting = told;
        told = null;
        if (waiting != null) {
            waiting.run();
        }
    }

    Instant received() {
        return message.origin().received();
    }

    DeliveryEvent.Verdict verdict(int rid, Outcome.Reason why, Dcid dcid) {
        return new DeliveryEvent.Verdict(dcid, message.mid(), message.envelope().sender(), message.envelope().mailbox(rid), rid,
                why.status(), why.words(), why.code(), why.texts());
    }
}
