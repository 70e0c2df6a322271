package org.mailrelay.core.route;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.DnssecState;

/// How a name led to an answer, and what DNSSEC says of the way.
///
/// @param state of the weakest among the aliases and what stands at their end
/// @param first of the first alias; where there is none, of the answer
/// @param end   the name at the end of the aliases, where there are any
public record DnsOrigin(DnssecState state, DnssecState first, Optional<Domain> end) {

    /// From no DNS answer: a hosts file, an address literal; or DNSSEC was not looked at.
    public static final DnsOrigin UNVALIDATED = new DnsOrigin(DnssecState.UNVALIDATED, DnssecState.UNVALIDATED, Optional.empty());
}
