package org.mailrelay.core.settings;

import java.util.List;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.dkim.DkimSettings;

/// The four files of `conf/`, checked.
///
/// @param senderGroups in their order; the first match wins
/// @param sources      of all files: which virtual gateway mail leaves by
/// @param dkim         whose keys sign mail
/// @param authSources  where users are known who authenticate to a listener
public record Settings(RelaySettings relay, DestinationSettings destinations, RouteSettings routes, List<SenderGroup> senderGroups, SourceSettings sources,
        AuthSources authSources, DkimSettings dkim) {

    /// Without signatures.
    public Settings(RelaySettings relay, DestinationSettings destinations, RouteSettings routes, List<SenderGroup> senderGroups, SourceSettings sources, AuthSources authSources) {
        this(relay, destinations, routes, senderGroups, sources, authSources, DkimSettings.NONE);
    }

    /// Without virtual gateways.
    public Settings(RelaySettings relay, DestinationSettings destinations, RouteSettings routes, List<SenderGroup> senderGroups) {
        this(relay, destinations, routes, senderGroups, SourceSettings.NONE, AuthSources.NONE);
    }

    public Settings {
        senderGroups = List.copyOf(senderGroups);
    }
}
