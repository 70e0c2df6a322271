package org.mailrelay.core.route;

import java.util.List;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;

/// Which way mail goes.
public sealed interface Route {
    record UseDns(Domain domain) implements Route {}

    /// Accepted and dropped, by the entry at `position`.
    record Discard(String position) implements Route {}

    /// @param hosts best first, equal ones already shuffled
    record Hosts(List<RouteEntry.Host> hosts, String position) implements Route {
        public Hosts {
            hosts = List.copyOf(hosts);
        }
    }
}
