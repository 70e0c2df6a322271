package org.mailrelay.core.replay;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
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
/// @param remembered on which step of the ladder the host was left
/// @param dane       `dane` of the entry: under `none` nobody asked for TLSA records
public record Circumstances(Optional<TlsLevel> floor, MessageNeed need, Optional<Domain> host, Optional<HostQuestion.Route> route, Published published,
        LadderStep remembered, DaneUse dane) {

    public static Circumstances of(HostQuestion asked) {
        return new Circumstances(asked.messageFloor(), asked.need(), asked.hostName(), asked.route(), asked.published(), asked.remembered(), asked.entry().dane());
    }
}
