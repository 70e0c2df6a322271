package org.mailrelay.core.route;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.DnssecState;

/// How a mail host was found: what DANE and MTA-STS look at.
///
/// @param nextHop   the domain whose mail host it is: the recipient's, or the name of a route's host
/// @param mx        how the next hop led to its MX; empty where the host is the next hop itself
/// @param addresses how the host led to its addresses
public record HostOrigin(Domain nextHop, Optional<DnsOrigin> mx, DnsOrigin addresses) {

    /// The host's name is beyond doubt: nobody but the next hop's domain chose it (RFC 7672 §2.2.1), or it is the next hop.
    public boolean nameIsSecure() {
        return mx.isEmpty() || mx.get().state() == DnssecState.SECURE;
    }

    /// RFC 7672 §3.2.2: where the next hop is an alias and that is secure, the name at the end counts too.
    public Optional<Domain> secureEndOfNextHop() {
        return mx.filter(origin -> origin.state() == DnssecState.SECURE).flatMap(DnsOrigin::end);
    }
}
