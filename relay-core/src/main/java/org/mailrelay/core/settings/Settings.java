package org.mailrelay.core.settings;

import java.util.List;
import org.mailrelay.core.access.SenderGroup;

/// The four files of `conf/`, checked.
///
/// @param senderGroups in their order; the first match wins
public record Settings(RelaySettings relay, DestinationSettings destinations, RouteSettings routes, List<SenderGroup> senderGroups) {

    public Settings {
        senderGroups = List.copyOf(senderGroups);
    }
}
