package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.engine.DestinationKey;
import org.mailrelay.delivery.engine.Planner;
import org.mailrelay.net.dns.HostFinder;

/// Which hosts are asked: those of delivery's plan, or the one that the command names.
record Hosts(HostFinder finder, AddressRules addresses, Planner planner, Settings settings) {

    Planner.Found planned(DestinationKey key) {
        return planner.look(key, settings);
    }

    /// A host that may not be in the MX yet, judged as if it were: no route's privileges.
    Planner.Found named(String host, DestinationKey key) {
        DestinationPolicy policy = settings.destinations().match(key.domain());
        int port = settings.relay().delivery().port();
        RouteEntry.Name name = AddressText.parse(host).isPresent() ? new RouteEntry.Name.Literal(host) : new RouteEntry.Name.Named(Domain.of(host));
        RouteEntry.Host entry = new RouteEntry.Host(name, port, 0, false, false, Optional.empty(), Optional.empty());
        HostFinder.Terms terms = new HostFinder.Terms(settings.relay().hostname(), port, policy.ip(), addresses);
        return switch (finder.find(new Route.Hosts(List.of(entry), "--mx"), terms)) {
            case DestinationPlan.Unroutable gone -> new Planner.Found.Nowhere(gone);
            case DestinationPlan.Ordered(var found, var skipped) -> new Planner.Found.Hosts(
                    found.stream().map(c -> planner.candidate(new CandidateHost(c.hostName(), c.address(), c.preference(), Optional.empty(), c.origin()), key, settings)).toList(), skipped);
        };
    }
}
