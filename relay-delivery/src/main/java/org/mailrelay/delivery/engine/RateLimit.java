package org.mailrelay.delivery.engine;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.mailrelay.core.delivery.RateWindow;
import org.mailrelay.core.mail.Domain;

/// What one recipient domain, or one virtual gateway, has had of its rate. Guarded by the engine's lock.
final class RateLimit extends Linked<RateLimit> {

    /// Whose rate it is.
    sealed interface Key {
        record OfDomain(Domain domain) implements Key {}
        record OfGateway(String name) implements Key {}
    }

    final Key key;
    RateWindow window;
    /// Nothing more goes before, by [EngineClock#tick].
    long until = Long.MIN_VALUE;
    /// The log says that mail waits for it.
    boolean told;
    /// To be looked after once there is room again, each in its turn.
    final Set<Destination> waiting = new LinkedHashSet<>();
    /// Where several waited: the recipients that each of them may take until the next look. Empty: first come, first served.
    final Map<Destination, Integer> shares = new HashMap<>();

    RateLimit(Key key, RateWindow window) {
        this.key = key;
        this.window = window;
    }

    boolean stops(Destination destination, long now) {
        return until > now || !shares.isEmpty() && shares.getOrDefault(destination, 0) <= 0;
    }

    void take(Destination destination, int recipients, long now) {
        window.take(recipients, now);
        shares.computeIfPresent(destination, (_, left) -> left - recipients);
    }

    String reason() {
        return switch (key) {
            case Key.OfDomain _ -> "recipient rate " + window.rate() + " reached";
            case Key.OfGateway(var name) -> "recipient rate " + window.rate() + " of the virtual gateway " + name + " reached";
        };
    }

    @Override
    RateLimit self() {
        return this;
    }
}
