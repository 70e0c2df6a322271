package org.mailrelay.core.route;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.RouteSettings;

/// Chooses the way of a message's mail by sender and recipient domain.
public final class RouteRules {

    private RouteRules() {}

    /// @param senderDomain empty for the null sender
    public static Route decide(Optional<Domain> senderDomain, Domain recipientDomain, RouteSettings routes, RandomGenerator random) {
        return routes.match(senderDomain, recipientDomain)
                .map(entry -> follow(entry, recipientDomain, random))
                .orElseGet(() -> new Route.UseDns(recipientDomain));
    }

    private static Route follow(RouteEntry entry, Domain recipientDomain, RandomGenerator random) {
        return switch (entry.target()) {
            case RouteEntry.Target.UseDns _ -> new Route.UseDns(recipientDomain);
            case RouteEntry.Target.Discard _ -> new Route.Discard(entry.position());
            case RouteEntry.Target.Hosts(var hosts) -> new Route.Hosts(inOrder(hosts, random), entry.position());
        };
    }

    private static List<RouteEntry.Host> inOrder(List<RouteEntry.Host> hosts, RandomGenerator random) {
        List<RouteEntry.Host> ordered = new ArrayList<>(hosts);
        Collections.shuffle(ordered, random);
        ordered.sort(Comparator.comparingInt(RouteEntry.Host::priority));
        return ordered;
    }
}
