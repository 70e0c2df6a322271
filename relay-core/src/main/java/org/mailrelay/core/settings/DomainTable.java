package org.mailrelay.core.settings;

import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Entries keyed by domain: the exact name first, then the longest `.suffix` above it.
///
/// @param exact by the domain itself
/// @param below by the parent: an entry for every name below it
public record DomainTable<T>(Map<Domain, T> exact, Map<Domain, T> below) {

    public DomainTable {
        exact = Map.copyOf(exact);
        below = Map.copyOf(below);
    }

    public static <T> DomainTable<T> empty() {
        return new DomainTable<>(Map.of(), Map.of());
    }

    public Optional<T> match(Domain domain) {
        T entry = exact.get(domain);
        if (entry != null) {
            return Optional.of(entry);
        }
        if (below.isEmpty()) {
            return Optional.empty();
        }
        for (Optional<Domain> parent = domain.parent(); parent.isPresent(); parent = parent.get().parent()) {
            entry = below.get(parent.get());
            if (entry != null) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }
}
