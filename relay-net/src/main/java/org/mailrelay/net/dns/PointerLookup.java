package org.mailrelay.net.dns;

import java.util.List;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.DnsFailure;

/// What DNS said about an address's names.
sealed interface PointerLookup {
    record Found(List<Domain> names) implements PointerLookup {
        public Found {
            names = List.copyOf(names);
        }
    }

    record Failed(DnsFailure why) implements PointerLookup {}
}
