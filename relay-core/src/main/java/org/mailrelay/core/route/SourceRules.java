package org.mailrelay.core.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.smtp.EnhancedCode;

/// What a virtual gateway makes of a plan: the local address and the peer's must be of one family (R-MX-10).
public final class SourceRules {

    private SourceRules() {
    }

    /// A gateway without IPv6 prefers IPv4 and the other way round, so that the few addresses of a host that are tried are those that can be.
    public static IpPreference preference(IpPreference wanted, Gateway gateway) {
        boolean six = gateway.addresses().isEmpty() || gateway.addresses().stream().anyMatch(Inet6Address.class::isInstance);
        boolean four = gateway.addresses().isEmpty() || !gateway.addresses().stream().allMatch(Inet6Address.class::isInstance);
        return switch (wanted) {
            case V6_PREFERRED -> six ? wanted : IpPreference.V4_PREFERRED;
            case V4_PREFERRED -> four ? wanted : IpPreference.V6_PREFERRED;
            case V6_REQUIRED, V4_REQUIRED -> wanted;
        };
    }

    /// Without the addresses that the gateway has no address for. None left is the operator's to mend: 4.4.4, never a bounce (RFC 3463 §3.5).
    public static DestinationPlan reachable(DestinationPlan.Ordered plan, Domain destination, Gateway gateway) {
        List<CandidateHost> hosts = new ArrayList<>();
        List<String> skipped = new ArrayList<>(plan.skipped());
        for (CandidateHost host : plan.hosts()) {
            InetAddress peer = host.address().getAddress();
            if (gateway.reaches(peer)) {
                hosts.add(host);
            } else {
                skipped.add(peer.getHostAddress() + " is of a family of which the virtual gateway " + gateway.name() + " has no address");
            }
        }
        return hosts.isEmpty() ? new DestinationPlan.Unroutable(new EnhancedCode(4, 4, 4),
                "no mail host of " + destination + " has an address of a family of the virtual gateway " + gateway.name()) : new DestinationPlan.Ordered(hosts, skipped);
    }

    /// The local address for a peer that the gateway reaches; empty leaves it to the system.
    public static Optional<InetAddress> source(Gateway gateway, InetAddress peer, RandomGenerator random) {
        List<InetAddress> own = gateway.facing(peer);
        return own.isEmpty() ? Optional.empty() : Optional.of(own.get(random.nextInt(own.size())));
    }
}
