package org.mailrelay.core.route;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;

/// Makes the plan from the hosts and their addresses. One use for each plan; not for several threads.
public final class PlanRules {

    private final AddressRules addressRules;
    private final IpPreference preference;
    private final RandomGenerator random;
    private final List<CandidateHost> candidates = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private Optional<DestinationPlan.Unroutable> temporary = Optional.empty();
    private int ourPreference = Integer.MAX_VALUE;
    private boolean loop;

    private PlanRules(AddressRules addressRules, IpPreference preference, RandomGenerator random) {
        this.addressRules = addressRules;
        this.preference = preference;
        this.random = random;
    }

    /// @param destination the recipient domain or the route, for the words
    /// @param hosts       in their order
    public static DestinationPlan plan(String destination, List<ResolvedHost> hosts, AddressRules rules, IpPreference preference, RandomGenerator random) {
        PlanRules plan = new PlanRules(rules, preference, random);
        hosts.forEach(plan::add);
        return plan.result(destination);
    }

    private void add(ResolvedHost host) {
        switch (host.addresses()) {
            case AddressLookup.Found(var found, var origin) -> addAddresses(host, found, origin);
            case AddressLookup.NoAddress _ -> skipped.add(label(host) + " has no address");
            case AddressLookup.NxDomain _ -> skipped.add(label(host) + " does not exist");
            case AddressLookup.Failed(var why) -> {
                Optional<Domain> name = host.name();
                skipped.add(label(host) + " DNS " + why.words());
                temporary = temporary.or(() -> name.map(n -> Unroutables.failed(n, "A", why)));
            }
        }
    }

    /// Judged before they are counted, so that refused addresses take no other's place.
    private void addAddresses(ResolvedHost host, List<InetAddress> found, DnsOrigin origin) {
        List<InetAddress> allowed = new ArrayList<>();
        for (InetAddress address : found) {
            switch (addressRules.judge(address, host.port(), host.route().isPresent())) {
                case AddressRules.Verdict.Allowed _ -> allowed.add(address);
                case AddressRules.Verdict.Refused(var why) -> refuse(host, address, why);
            }
        }
        List<InetAddress> ordered = AddressOrder.order(allowed, preference, random);
        if (ordered.isEmpty() && !allowed.isEmpty()) {
            skipped.add(label(host) + " has no address of the required family");
        }
        ordered.forEach(address -> candidates.add(
                new CandidateHost(host.name(), new InetSocketAddress(address, host.port()), host.preference(), host.route(), host.origin(origin))));
    }

    private void refuse(ResolvedHost host, InetAddress address, RefusedRange why) {
        skipped.add(label(host) + " " + address.getHostAddress() + " refused: " + why);
        if (why == RefusedRange.OWN) {
            loop = true;
            if (host.route().isEmpty()) {
                ourPreference = Math.min(ourPreference, host.preference());
            }
        }
    }

    /// RFC 5321 §5.1: an MX that turns out to be us ends the list at its preference, whatever its name.
    private DestinationPlan result(String destination) {
        candidates.removeIf(candidate -> candidate.route().isEmpty() && candidate.preference() >= ourPreference);
        if (!candidates.isEmpty()) {
            return new DestinationPlan.Ordered(candidates, skipped);
        }
        if (temporary.isPresent()) {
            return temporary.get();
        }
        return loop ? Unroutables.loop(destination) : Unroutables.noneUsable(destination, String.join(", ", skipped));
    }

    private static String label(ResolvedHost host) {
        return host.name().map(Domain::name).orElse("the route's address");
    }
}
