package org.mailrelay.net.dns;

import java.util.List;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.tls.DnssecState;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/// What one question brought, aliases already followed.
sealed interface Answer {
    /// Never empty, all of the type asked for.
    record Records(List<Record> records, Path path) implements Answer {
        public Records {
            records = List.copyOf(records);
        }
    }

    record NoData(Path path) implements Answer {}

    record NxDomain(Path path) implements Answer {}

    /// @param detail what more is known, in words; may be empty, may hold what a server wrote
    record Failed(DnsFailure why, String detail) implements Answer {
        Failed(DnsFailure why) {
            this(why, "");
        }
    }

    /// How the name that was asked for led to the answer.
    ///
    /// @param end      the name at the end of the aliases; where there are none, the name that was asked for
    /// @param aliased  whether there were aliases
    /// @param security of the weakest among the aliases and what stands at their end
    /// @param first    of the first alias; where there is none, of the answer
    record Path(Name end, boolean aliased, DnssecState security, DnssecState first) {
        boolean secure() {
            return security == DnssecState.SECURE;
        }
    }
}
