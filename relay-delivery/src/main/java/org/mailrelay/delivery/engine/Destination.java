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
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.OutboundConnection;

/// One queue and what is known of its hosts. Guarded by the engine's lock.
final class Destination {

    enum State { IDLE, PLANNING, OPEN, HELD }

    final DestinationKey key;
    final ArrayDeque<Item> ready = new ArrayDeque<>();
    final Set<OutboundConnection> live = new LinkedHashSet<>();
    final Set<OutboundConnection> idle = new LinkedHashSet<>();
    State state = State.IDLE;
    List<ConnectionPlan> hosts = List.of();
    int host;
    boolean proven;
    int opening;
    int holds;
    Instant heldUntil = Instant.MIN;
    Outcome.@Nullable Reason failure;
    boolean onlyTls;
    final List<Waits.Tried> tried = new ArrayList<>();

    Destination(DestinationKey key) {
        this.key = key;
    }

    int connections() {
        return live.size() + opening;
    }
}
