package org.mailrelay.core.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;

/// What a reload would change for the worse. A half-saved file looks like lowered TLS terms, so a reload that nobody asked for
/// is held back when [#lowersTls] names an entry.
public final class PolicyChange {

    private PolicyChange() {
    }

    /// The entries, of either tree, whose mail would leave on weaker TLS terms; sorted as they come, `default` first.
    public static List<String> lowersTls(Settings old, Settings next) {
        List<String> lowered = new ArrayList<>();
        if (weaker(old.destinations().fallback(), next.destinations().fallback())) {
            lowered.add("default");
        }
        Set<Domain> exact = union(old.destinations().entries().exact().keySet(), next.destinations().entries().exact().keySet());
        for (Domain domain : exact) {
            if (weaker(old.destinations().match(domain), next.destinations().match(domain))) {
                lowered.add(domain.name());
            }
        }
        for (Domain parent : union(old.destinations().entries().below().keySet(), next.destinations().entries().below().keySet())) {
            if (weaker(below(old.destinations(), parent), below(next.destinations(), parent))) {
                lowered.add("." + parent.name());
            }
        }
        Map<String, TlsLevel> raised = raises(next);
        raises(old).forEach((name, level) -> {
            if (raised.getOrDefault(name, TlsLevel.NONE).compareTo(level) < 0) {
                lowered.add(name);
            }
        });
        return List.copyOf(lowered);
    }

    /// What routes (by their weakest host) and mail flow policies add to the entries' levels.
    private static Map<String, TlsLevel> raises(Settings settings) {
        Map<String, TlsLevel> out = new TreeMap<>();
        RouteSettings routes = settings.routes();
        routes.domains().exact().values().forEach(route -> out.put("route " + route.key(), level(route)));
        routes.domains().below().values().forEach(route -> out.put("route " + route.key(), level(route)));
        routes.all().ifPresent(route -> out.put("route " + route.key(), level(route)));
        routes.senders().exact().values().forEach(route -> out.put("sender route " + route.key(), level(route)));
        routes.senders().below().values().forEach(route -> out.put("sender route " + route.key(), level(route)));
        settings.senderGroups().forEach(group -> out.put("sender group " + group.name(), group.policy().deliveryTls().orElse(TlsLevel.NONE)));
        return out;
    }

    private static TlsLevel level(RouteEntry route) {
        return switch (route.target()) {
            case RouteEntry.Target.UseDns _, RouteEntry.Target.Discard _ -> TlsLevel.NONE;
            case RouteEntry.Target.Hosts(var hosts) -> hosts.stream().map(host -> host.tls().map(TlsRule::level).orElse(TlsLevel.NONE))
                    .min(Comparator.naturalOrder()).orElse(TlsLevel.NONE);
        };
    }

    /// What any name below `parent` gets that has no nearer entry.
    private static DestinationPolicy below(DestinationSettings settings, Domain parent) {
        DestinationPolicy entry = settings.entries().below().get(parent);
        if (entry != null) {
            return entry;
        }
        return new DestinationSettings(settings.fallback(), new DomainTable<>(Map.of(), settings.entries().below())).match(parent);
    }

    private static boolean weaker(DestinationPolicy old, DestinationPolicy next) {
        return next.tls().level().compareTo(old.tls().level()) < 0
                || next.tls().level().required() && next.tlsMinVersion().compareTo(old.tlsMinVersion()) < 0;
    }

    private static Set<Domain> union(Collection<Domain> one, Collection<Domain> other) {
        Set<Domain> all = new LinkedHashSet<>(one.stream().sorted().toList());
        all.addAll(other.stream().sorted().toList());
        return all;
    }
}
