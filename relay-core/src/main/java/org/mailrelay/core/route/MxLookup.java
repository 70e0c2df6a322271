package org.mailrelay.core.route;

import java.util.List;

/// What DNS said about a domain's MX records.
public sealed interface MxLookup {
    /// As they came, in no order; never empty.
    record Found(List<Mx> hosts, DnsOrigin origin) implements MxLookup {
        public Found {
            hosts = List.copyOf(hosts);
            if (hosts.isEmpty()) {
                throw new IllegalArgumentException("found no MX");
            }
        }
    }

    /// The domain takes no mail (RFC 7505 §3).
    record NullMx() implements MxLookup {}

    /// The domain exists without MX: its own address is its mail host (RFC 5321 §5.1).
    record NoMx() implements MxLookup {}

    record NxDomain() implements MxLookup {}

    record Failed(DnsFailure why) implements MxLookup {}
}
