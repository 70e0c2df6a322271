package org.mailrelay.core.route;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;

/// A mail host with what DNS said about its addresses.
///
/// @param name  empty for an address literal
/// @param route the route's host that led here
/// @param mx    the MX answer that named it, and whose; empty where none did
public record ResolvedHost(Optional<Domain> name, int preference, int port, AddressLookup addresses, Optional<RouteEntry.Host> route,
        Optional<NamedBy> mx) {

    /// @param domain whose MX it is
    public record NamedBy(Domain domain, DnsOrigin origin) {}

    /// Empty for an address literal.
    Optional<HostOrigin> origin(DnsOrigin ofAddresses) {
        return mx.map(by -> new HostOrigin(by.domain(), Optional.of(by.origin()), ofAddresses))
                .or(() -> name.map(itself -> new HostOrigin(itself, Optional.empty(), ofAddresses)));
    }
}
