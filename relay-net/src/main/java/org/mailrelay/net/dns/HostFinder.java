package org.mailrelay.net.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.DnsOrigin;
import org.mailrelay.core.route.Mx;
import org.mailrelay.core.route.MxLookup;
import org.mailrelay.core.route.MxOrder;
import org.mailrelay.core.route.PlanRules;
import org.mailrelay.core.route.ResolvedHost;
import org.mailrelay.core.route.ResolvedHost.NamedBy;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.route.Unroutables;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.Published;

/// Turns a route into a plan: MX, addresses, order. Straight-line and blocking: run it on a virtual thread.
public final class HostFinder {

    private final MailResolver resolver;
    private final HostsFile hostsFile;
    private final RandomGenerator random;
    private final Publications publications;

    /// Without DANE and MTA-STS.
    public HostFinder(MailResolver resolver, HostsFile hostsFile, RandomGenerator random) {
        this(resolver, hostsFile, random, Publications.NONE);
    }

    /// @param random used from several threads at once
    public HostFinder(MailResolver resolver, HostsFile hostsFile, RandomGenerator random, Publications publications) {
        this.publications = publications;
        this.resolver = resolver;
        this.hostsFile = hostsFile;
        this.random = random;
    }

    /// What the settings say for this plan.
    ///
    /// @param port of MX hosts
    public record Terms(Domain ourselves, int port, IpPreference ip, AddressRules addresses) {}

    /// What DANE and MTA-STS say of a host of a plan.
    public Published published(CandidateHost host, TlsTerms terms) {
        return publications.of(host, terms);
    }

    public DestinationPlan find(Route.UseDns route, Terms terms) {
        Domain domain = route.domain();
        return switch (resolver.mx(domain)) {
            case MxLookup.Found(var found, var origin) -> ofMx(domain, found, origin, terms);
            case MxLookup.NoMx _ -> ofDomainItself(domain, terms);
            case MxLookup.NullMx _ -> Unroutables.nullMx(domain);
            case MxLookup.NxDomain _ -> Unroutables.nxDomain(domain, "MX");
            case MxLookup.Failed(var why) -> Unroutables.failed(domain, "MX", why);
        };
    }

    /// RFC 5321 §5.1: where there are MX records and none is usable, the domain's own address is not tried.
    private DestinationPlan ofMx(Domain domain, List<Mx> found, DnsOrigin origin, Terms terms) {
        MxOrder order = MxOrder.order(found, terms.ourselves(), random);
        if (order.hosts().isEmpty()) {
            return order.behindUs() ? Unroutables.loop(domain.name()) : Unroutables.noneUsable(domain.name(), "no MX is a host name");
        }
        List<ResolvedHost> hosts = order.hosts().stream()
                .map(mx -> resolve(mx.host().orElseThrow(), mx.preference(), terms.port(), Optional.of(new NamedBy(domain, origin)))).toList();
        return PlanRules.plan(domain.name(), hosts, terms.addresses(), terms.ip(), random);
    }

    /// RFC 5321 §5.1: the implicit MX of preference 0.
    private DestinationPlan ofDomainItself(Domain domain, Terms terms) {
        ResolvedHost itself = resolve(domain, 0, terms.port(), Optional.empty());
        return switch (itself.addresses()) {
            case AddressLookup.NoAddress _ -> Unroutables.noRecord(domain, "A");
            case AddressLookup.NxDomain _ -> Unroutables.nxDomain(domain, "A");
            case AddressLookup.Failed(var why) -> Unroutables.failed(domain, "A", why);
            case AddressLookup.Found _ -> PlanRules.plan(domain.name(), List.of(itself), terms.addresses(), terms.ip(), random);
        };
    }

    private ResolvedHost resolve(Domain host, int preference, int port, Optional<NamedBy> mx) {
        return new ResolvedHost(Optional.of(host), preference, port, resolver.addresses(host), Optional.empty(), mx);
    }

    /// A route's failure is the operator's to mend, so it never bounces mail for want of a name: 4.4.4 (RFC 3463 §3.5).
    public DestinationPlan find(Route.Hosts route, Terms terms) {
        List<ResolvedHost> hosts = new ArrayList<>();
        route.hosts().forEach(host -> addRouteHost(hosts, host, terms));
        return switch (PlanRules.plan("route " + route.position(), hosts, terms.addresses(), terms.ip(), random)) {
            case DestinationPlan.Ordered plan -> plan;
            case DestinationPlan.Unroutable gone when !gone.permanent() -> gone;
            case DestinationPlan.Unroutable(var code, var words, _) -> new DestinationPlan.Unroutable(new EnhancedCode(4, code.subject(), code.detail()), words);
        };
    }

    private void addRouteHost(List<ResolvedHost> hosts, RouteEntry.Host host, Terms terms) {
        switch (host.name()) {
            case RouteEntry.Name.Literal(var text) -> hosts.add(of(host, Optional.empty(), literal(text)));
            case RouteEntry.Name.Named(var name) -> {
                Optional<List<InetAddress>> known = hostsFile.lookUp(name);
                if (known.isPresent()) {
                    hosts.add(of(host, Optional.of(name), new AddressLookup.Found(known.get())));
                } else if (host.lookUpMx()) {
                    addByMx(hosts, host, name, terms);
                } else {
                    hosts.add(of(host, Optional.of(name), resolver.addresses(name)));
                }
            }
        }
    }

    /// The MX of a route's host, else its address.
    private void addByMx(List<ResolvedHost> hosts, RouteEntry.Host host, Domain name, Terms terms) {
        switch (resolver.mx(name)) {
            case MxLookup.Found(var found, var origin) -> MxOrder.order(found, terms.ourselves(), random).hosts().stream().map(mx -> mx.host().orElseThrow())
                    .forEach(target -> hosts.add(new ResolvedHost(Optional.of(target), host.priority(), host.port(), resolver.addresses(target), Optional.of(host),
                            Optional.of(new NamedBy(name, origin)))));
            case MxLookup.NoMx _, MxLookup.NxDomain _ -> hosts.add(of(host, Optional.of(name), resolver.addresses(name)));
            case MxLookup.NullMx _ -> hosts.add(of(host, Optional.of(name), new AddressLookup.NoAddress()));
            case MxLookup.Failed(var why) -> hosts.add(of(host, Optional.of(name), new AddressLookup.Failed(why)));
        }
    }

    private static ResolvedHost of(RouteEntry.Host host, Optional<Domain> name, AddressLookup addresses) {
        return new ResolvedHost(name, host.priority(), host.port(), addresses, Optional.of(host), Optional.empty());
    }

    private static AddressLookup literal(String text) {
        return HostsFile.addressOf(text).<AddressLookup>map(address -> new AddressLookup.Found(List.of(address))).orElseGet(AddressLookup.NoAddress::new);
    }
}
