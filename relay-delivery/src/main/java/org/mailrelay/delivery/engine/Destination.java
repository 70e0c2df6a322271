package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.ConcurrencyWindow;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent.Waits;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.connection.ConnectionPlan;

/// One queue and what is known of its hosts. Guarded by the engine's lock.
final class Destination extends Linked<Destination> {

    /// IDLE: nothing is known. PLANNING: hosts are looked up. OPEN: hosts are known. HELD: none of them would have the mail.
    enum State { IDLE, PLANNING, OPEN, HELD }

    final DestinationKey key;
    final Chain<Item> ready = new Chain<>();
    /// Ready for hosts that come later in the plan, each from its [Item#fromHost] on.
    final Chain<Item> elsewhere = new Chain<>();
    /// All connections, those that are being opened too.
    final Set<ConnectionSource> sources = new LinkedHashSet<>();
    final SequencedSet<ConnectionSource> idle = new LinkedHashSet<>();
    /// Nanoseconds that a transaction takes, averaged; 0 for not known.
    long pace;
    /// Messages that connections have taken so far.
    long taken;
    /// It will be seen to it that nothing waits long for busy connections.
    boolean watched;
    /// Changed by [EngineState#become] only.
    State state = State.IDLE;
    /// Items of any phase.
    int items;
    /// Recipients of any phase.
    long recipients;
    long readyRecipients;
    /// Recipients whose messages are in memory.
    int fresh;
    /// Messages are being read ahead.
    boolean reading;
    List<ConnectionPlan> hosts = List.of();
    /// The one that is in use.
    int host;
    /// A connection has come up since the plan, so that more may follow; until then one probes.
    boolean proven;
    int opening;
    /// Connections that were opened to a host behind the one in use, for mail that was refused there.
    int beside;
    ConcurrencyWindow window = ConcurrencyWindow.START;
    @Nullable Settings plannedWith;
    Instant plannedAt = Instant.MIN;
    @Nullable Settings policyOf;
    @Nullable DestinationPolicy policy;
    /// The queue it waits in for a connection.
    @Nullable ArrayDeque<Destination> waitingIn;
    /// It is its turn to open one.
    boolean turn;
    int holds;
    /// In counted time.
    Instant heldUntil = Instant.MIN;
    Outcome.@Nullable Reason failure;
    boolean onlyTls;
    /// No host met the policy, so it is looked up anew before the mail waits (RFC 8461 §5.1).
    boolean askedAgain;
    /// It waits because our own network is suspected.
    boolean doubted;
    List<Waits.Tried> tried = new ArrayList<>();
    /// What was wrong with each host of this try, for mail that bounces by it (RFC 8689 §4.2.1).
    List<String> faults = new ArrayList<>();
    /// No item that is ready is counted from before this, in milliseconds of counted time; and of those that the walk of [HeldMail] has seen.
    long oldest = Long.MAX_VALUE;
    long oldestSeen = Long.MAX_VALUE;
    /// What its ready items were last told, when in counted time, and whether others have come since.
    String announced = "";
    Instant announcedAt = Instant.MIN;
    boolean unannounced;
    /// Its turn of [HeldMail] comes.
    boolean walking;
    /// What the last of them was told.
    Item.@Nullable Said said;
    /// The host that answered one of its items last, for others to share.
    Item.@Nullable Answered answered;

    Destination(DestinationKey key) {
        this.key = key;
    }

    @Override
    Destination self() {
        return this;
    }

    int connections() {
        return sources.size();
    }

    int live() {
        return sources.size() - opening;
    }
}
