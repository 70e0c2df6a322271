package org.mailrelay.delivery.engine;

import java.util.LinkedHashSet;
import java.util.Set;
import org.mailrelay.core.delivery.RateWindow;
import org.mailrelay.core.mail.Domain;

/// What one recipient domain has had of its rate. Guarded by the engine's lock.
final class RateLimit extends Linked<RateLimit> {

    final Domain domain;
    RateWindow window;
    /// Nothing more goes before, by [EngineState#tick].
    long until = Long.MIN_VALUE;
    /// The log says that mail waits for it.
    boolean told;
    /// To be looked after once there is room again.
    final Set<Destination> waiting = new LinkedHashSet<>();

    RateLimit(Domain domain, RateWindow window) {
        this.domain = domain;
        this.window = window;
    }

    @Override
    RateLimit self() {
        return this;
    }
}
