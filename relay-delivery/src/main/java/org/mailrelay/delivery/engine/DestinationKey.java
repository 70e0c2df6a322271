package org.mailrelay.delivery.engine;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.core.tls.TlsLevel;

/// What messages must share to wait in one queue.
///
/// @param sender the sender's domain where a route is set for it, else empty
public record DestinationKey(Domain domain, Optional<Domain> sender, Optional<TlsLevel> floor) {

    public static DestinationKey of(Domain domain, ReversePath sender, Optional<TlsLevel> floor, RouteSettings routes) {
        return new DestinationKey(domain, sender.mailbox().map(m -> m.domain()).filter(d -> routes.senders().match(d).isPresent()), floor);
    }
}
