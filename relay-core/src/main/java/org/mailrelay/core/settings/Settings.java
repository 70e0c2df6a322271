package org.mailrelay.core.settings;

import java.util.List;
import org.mailrelay.core.access.SenderGroup;

/// The four files of `conf/`, checked.
///
/// @param senderGroups in their order; the first match wins
/// @param sources      of all files: which virtual gateway mail leaves by
public record Settings(RelaySettings relay, DestinationSettings destinations, RouteSettings routes, List<SenderGroup> senderGroups, SourceSettings sources) {

    /// Without virtual gateways.
    public Settings(RelaySettings relay, DestinationSettings destinations, RouteSettings routes, List<SenderGroup> senderGroups) {
        this(relay, destinations, routes, senderGroups, SourceSettings.NONE);
    }

    public Settings {
        senderGroups = List.copyOf(senderGroups);
    }
}
