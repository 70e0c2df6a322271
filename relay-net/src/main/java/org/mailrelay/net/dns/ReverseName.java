package org.mailrelay.net.dns;

import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.DnsFailure;

/// The name of a connected peer.
public sealed interface ReverseName {
    /// @param verified the name leads back to the address
    record Named(Domain name, boolean verified) implements ReverseName {}

    record Nameless() implements ReverseName {}

    record Failed(DnsFailure why) implements ReverseName {}
}
