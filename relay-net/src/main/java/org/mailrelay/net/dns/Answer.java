package org.mailrelay.net.dns;

import java.util.List;
import org.mailrelay.core.route.DnsFailure;
import org.xbill.DNS.Record;

/// What one question brought, aliases already followed.
sealed interface Answer {
    /// Never empty, all of the type asked for.
    record Records(List<Record> records) implements Answer {
        public Records {
            records = List.copyOf(records);
        }
    }

    record NoData() implements Answer {}

    record NxDomain() implements Answer {}

    record Failed(DnsFailure why) implements Answer {}
}
