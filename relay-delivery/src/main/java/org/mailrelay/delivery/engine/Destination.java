package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent.Waits;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.OutboundConnection;

/// One queue and what is known of its hosts. Guarded by the engine's lock.
final class Destination {

    /// IDLE: nothing is known. PLANNING: hosts are looked up. OPEN: hosts are known. HELD: none of them would have the mail.
    enum State { IDLE, PLANNING, OPEN, HELD }

    final DestinationKey key;
    final ArrayDeque<Item> ready = new ArrayDeque<>();
    /// Ready for hosts that come later in the plan, each from its [Item#fromHost] on.
    final ArrayDeque<Item> elsewhere = new ArrayDeque<>();
    /// All connections, those that are being opened too.
    final Set<ConnectionSource> sources = new LinkedHashSet<>();
    final Set<OutboundConnection> live = new LinkedHashSet<>();
    final Set<OutboundConnection> idle = new LinkedHashSet<>();
    State state = State.IDLE;
    /// Items of any phase.
    int items;
    List<ConnectionPlan> hosts = List.of();
    /// The one that is in use.
    int host;
    /// A connection has come up since the plan, so that more may follow; until then one probes.
    boolean proven;
    int opening;
    @Nullable Settings plannedWith;
    Instant plannedAt = Instant.MIN;
    /// A refused connection beside living ones says: not more than these, for a while.
    int ceiling = Integer.MAX_VALUE;
    Instant ceilingUntil = Instant.MIN;
    int holds;
    Instant heldUntil = Instant.MIN;
    Outcome.@Nullable Reason failure;
    boolean onlyTls;
    final List<Waits.Tried> tried = new ArrayList<>();

    Destination(DestinationKey key) {
        this.key = key;
    }

    /// What waits for other hosts waits with the rest again.
    void gather() {
        elsewhere.forEach(item -> item.fromHost = 0);
        ready.addAll(elsewhere);
        elsewhere.clear();
    }

    int connections() {
        return live.size() + opening;
    }
}
