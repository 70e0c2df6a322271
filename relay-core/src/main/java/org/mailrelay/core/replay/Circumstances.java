package org.mailrelay.core.replay;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.TlsLevel;

/// What [org.mailrelay.core.tls.HostRules] looked at beside the operator's entry.
///
/// @param floor      `delivery_tls` of the mail flow policy
/// @param host       empty for an address literal
/// @param route      what a configured route added
/// @param via        the route's host that led here, by [RouteEntry.Host#place]
/// @param remembered on which step of the ladder the host was left
/// @param dane       `dane` of the entry: under `none` nobody asked for TLSA records
public record Circumstances(Optional<TlsLevel> floor, MessageNeed need, Optional<Domain> host, Optional<HostQuestion.Route> route, Optional<String> via,
        Published published, LadderStep remembered, DaneUse dane) {

    public static Circumstances of(HostQuestion asked, Optional<RouteEntry.Host> via) {
        return new Circumstances(asked.messageFloor(), asked.need(), asked.hostName(), asked.route(), via.map(RouteEntry.Host::place), asked.published(), asked.remembered(),
                asked.entry().dane());
    }

    /// By what another route's host adds.
    public Circumstances by(Optional<HostQuestion.Route> other) {
        return new Circumstances(floor, need, host, other, via, published, remembered, dane);
    }
}
