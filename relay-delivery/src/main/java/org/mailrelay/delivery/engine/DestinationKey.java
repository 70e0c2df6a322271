package org.mailrelay.delivery.engine;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.queue.Origin;

/// What messages must share to wait in one queue.
///
/// @param sender  the sender's domain where a route is set for it, else empty
/// @param need    what the message itself says of TLS: one that needs more never waits for, or travels with, one that does not
/// @param gateway the virtual gateway that sender or mail flow policy ask for
/// @param via     where an operator sends it, whatever routes and DNS say
public record DestinationKey(Domain domain, Optional<Domain> sender, Optional<TlsLevel> floor, MessageNeed need, Optional<String> gateway, Optional<Redirection> via) {

    public DestinationKey(Domain domain, Optional<Domain> sender, Optional<TlsLevel> floor) {
        this(domain, sender, floor, MessageNeed.NONE, Optional.empty());
    }

    public DestinationKey(Domain domain, Optional<Domain> sender, Optional<TlsLevel> floor, MessageNeed need, Optional<String> gateway) {
        this(domain, sender, floor, need, gateway, Optional.empty());
    }

    public static DestinationKey of(Domain domain, ReversePath sender, MessageNeed need, Origin origin, Settings settings) {
        return new DestinationKey(domain, sender.mailbox().map(m -> m.domain()).filter(d -> settings.routes().senders().match(d).isPresent()), origin.tlsFloor(), need,
                settings.sources().preferred(sender, origin.injection().policy()));
    }

    DestinationKey by(Redirection way) {
        return new DestinationKey(domain, sender, floor, need, gateway, Optional.of(way));
    }
}
