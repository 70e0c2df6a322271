package org.mailrelay.core.route;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;

/// A mail host with what DNS said about its addresses.
///
/// @param name  empty for an address literal
/// @param route the route's host that led here
public record ResolvedHost(Optional<Domain> name, int preference, int port, AddressLookup addresses, Optional<RouteEntry.Host> route) {}
