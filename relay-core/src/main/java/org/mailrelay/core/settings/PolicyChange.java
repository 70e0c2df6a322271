package org.mailrelay.core.settings;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;

/// What a reload would change for the worse. A half-saved file looks like lowered TLS terms, so a reload that nobody asked for
/// is held back when [#lowersTls] names an entry.
public final class PolicyChange {

    private PolicyChange() {
    }

    /// The entries, of either tree, whose mail would leave on weaker TLS terms; sorted as they come, `default` first.
    ///
    /// @param now exceptions hold or have ended by it
    public static List<String> lowersTls(Settings old, Settings next, Instant now) {
        List<String> lowered = new ArrayList<>();
        if (weaker(old.destinations().fallback(), next.destinations().fallback(), now)) {
            lowered.add("default");
        }
        Set<Domain> exact = union(old.destinations().entries().exact().keySet(), next.destinations().entries().exact().keySet());
        for (Domain domain : exact) {
            if (weaker(old.destinations().match(domain), next.destinations().match(domain), now)) {
                lowered.add(domain.name());
            }
        }
        for (Domain parent : union(old.destinations().entries().below().keySet(), next.destinations().entries().below().keySet())) {
            if (weaker(below(old.destinations(), parent), below(next.destinations(), parent), now)) {
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

    /// Key by key: another value may be as good, and only an operator can say so.
    private static boolean weaker(DestinationPolicy before, DestinationPolicy after, Instant now) {
        DestinationPolicy old = before.at(now);
        DestinationPolicy next = after.at(now);
        TlsLevel level = next.tls().level();
        return level.compareTo(old.tls().level()) < 0
                || next.tlsMinVersion().compareTo(old.tlsMinVersion()) < 0
                || next.terms().dane().compareTo(old.terms().dane()) < 0
                || old.terms().mtaSts() && !next.terms().mtaSts()
                || old.ehlo() == EhloReading.STRICT && next.ehlo() == EhloReading.TOLERANT
                || wider(old.terms().ciphers(), next.terms().ciphers())
                || level != TlsLevel.NONE && trustsOthers(old, next)
                || (level.required() ? verifiesLess(old, next) : goesInTheClearMore(old, next));
    }

    private static boolean verifiesLess(DestinationPolicy old, DestinationPolicy next) {
        return next.tls().level().compareTo(TlsLevel.REQUIRED_VERIFY) >= 0
                && (wider(old.tlsNames(), next.tlsNames()) || !old.allowCommonName() && next.allowCommonName());
    }

    /// At any level: MTA-STS and REQUIRETLS are held against the same authorities.
    private static boolean trustsOthers(DestinationPolicy old, DestinationPolicy next) {
        return !old.trust().system() && next.trust().system() || !old.trust().files().containsAll(next.trust().files());
    }

    private static boolean goesInTheClearMore(DestinationPolicy old, DestinationPolicy next) {
        return next.tls().level() != TlsLevel.NONE && (!old.plaintextAfterHandshakeFailure() && next.plaintextAfterHandshakeFailure()
                || old.nearMissDefers() && !next.nearMissDefers());
    }

    /// A list that says which and now says others; an empty one says nothing.
    private static boolean wider(List<String> old, List<String> next) {
        return !old.isEmpty() && (next.isEmpty() || !old.containsAll(next));
    }

    private static Set<Domain> union(Collection<Domain> one, Collection<Domain> other) {
        Set<Domain> all = new LinkedHashSet<>(one.stream().sorted().toList());
        all.addAll(other.stream().sorted().toList());
        return all;
    }
}
