package org.mailrelay.core.route;

import java.net.InetAddress;
import java.util.List;

/// What DNS said about a host's addresses, A and AAAA together.
public sealed interface AddressLookup {
    record Found(List<InetAddress> addresses, DnsOrigin origin) implements AddressLookup {
        public Found {
            addresses = List.copyOf(addresses);
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException("found no address");
            }
        }

        /// From no DNS answer.
        public Found(List<InetAddress> addresses) {
            this(addresses, DnsOrigin.UNVALIDATED);
        }
    }

    record NoAddress() implements AddressLookup {}

    record NxDomain() implements AddressLookup {}

    record Failed(DnsFailure why) implements AddressLookup {}
}
