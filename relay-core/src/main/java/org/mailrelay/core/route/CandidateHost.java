package org.mailrelay.core.route;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;

/// One address of one mail host, to be tried in its turn.
///
/// @param hostName   empty for an address literal of a route
/// @param preference of the MX, or the priority of the route's host
/// @param route      the route's host that led here
/// @param origin     how DNS led to it; empty where it did not: an address literal, the hosts file
public record CandidateHost(Optional<Domain> hostName, InetSocketAddress address, int preference, Optional<RouteEntry.Host> route,
        Optional<HostOrigin> origin) {}
