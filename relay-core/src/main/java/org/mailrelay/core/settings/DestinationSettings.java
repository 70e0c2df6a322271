package org.mailrelay.core.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mailrelay.core.mail.Domain;

/// `destinations.yaml`: how mail for each recipient domain is treated.
///
/// @param tests what the operator expects of it
public record DestinationSettings(DestinationPolicy fallback, DomainTable<DestinationPolicy> entries, List<PolicyTest> tests) {

    public DestinationSettings {
        tests = List.copyOf(tests);
    }

    public DestinationSettings(DestinationPolicy fallback, DomainTable<DestinationPolicy> entries) {
        this(fallback, entries, List.of());
    }

    /// Exact domain, then the longest `.suffix`, then `default`. What it says at a moment is for [DestinationPolicy#at].
    public DestinationPolicy match(Domain domain) {
        return entries.match(domain).orElse(fallback);
    }

    /// `default` first, then by name.
    public List<DestinationPolicy> all() {
        List<DestinationPolicy> all = new ArrayList<>(List.of(fallback));
        all.addAll(new TreeMap<>(entries.exact()).values());
        all.addAll(new TreeMap<>(entries.below()).values());
        return all;
    }

    /// What would hold for an entry's domains if it did not stand there.
    public DestinationPolicy above(DestinationPolicy entry) {
        boolean suffix = entry.entry().startsWith(".");
        Domain domain = Domain.of(suffix ? entry.entry().substring(1) : entry.entry());
        Map<Domain, DestinationPolicy> below = new LinkedHashMap<>(entries.below());
        if (suffix) {
            below.remove(domain);
        }
        return new DomainTable<>(Map.of(), below).match(domain).orElse(fallback);
    }
}
