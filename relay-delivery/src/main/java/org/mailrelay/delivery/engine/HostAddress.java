package org.mailrelay.delivery.engine;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent.Waits;
import org.mailrelay.delivery.connection.ConnectionPlan;

/// What is known of one address of a mail host, whichever destinations it serves. Guarded by the engine's lock.
final class HostAddress {

    /// @param source what we come from: a host may refuse one of our addresses and take mail from another
    record Key(InetSocketAddress peer, Optional<InetAddress> source) {
        static Key of(ConnectionPlan plan) {
            return new Key(plan.key().peer(), plan.key().source());
        }
    }

    final Key key;
    /// Being opened, or open.
    int connections;
    /// A connection to it has come up.
    boolean known;
    /// Connections in a row that came to nothing by the host's fault; policy that it did not meet is a matter of the destination.
    int failures;
    /// Until then, by [EngineClock#tick], nobody tries it.
    long deadUntil;
    Outcome.@Nullable Reason failure;
    Waits.@Nullable Tried lastTried;
    /// When it last answered a transaction.
    long answered = Long.MIN_VALUE;
    /// Destinations that may open a connection once one of the others is closed, or once its probe has come back.
    final ArrayDeque<Destination> waiting = new ArrayDeque<>();
    /// Destinations that wait for it to live again.
    final Set<Destination> held = new LinkedHashSet<>();

    HostAddress(Key key) {
        this.key = key;
    }

    /// No connection, and nobody who waits for one.
    boolean unused() {
        return connections == 0 && waiting.isEmpty() && held.isEmpty();
    }

    /// Nobody should try it yet.
    boolean resting(long now) {
        return failures > 0 && now < deadUntil;
    }

    /// One connection finds out whether it lives, or lives again.
    boolean beingProbed() {
        return connections > 0 && (!known || failures > 0);
    }
}
