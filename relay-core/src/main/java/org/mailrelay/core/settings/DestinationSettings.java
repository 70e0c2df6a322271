package org.mailrelay.core.settings;

import org.mailrelay.core.mail.Domain;

/// `destinations.yaml`: how mail for each recipient domain is treated.
public record DestinationSettings(DestinationPolicy fallback, DomainTable<DestinationPolicy> entries) {

    /// Exact domain, then the longest `.suffix`, then `default`.
    public DestinationPolicy match(Domain domain) {
        return entries.match(domain).orElse(fallback);
    }
}
