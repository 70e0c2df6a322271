package org.mailrelay.delivery.connection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.net.tls.ClientOffer;
import org.mailrelay.net.tls.TlsVersion;

/// What two messages must share before one connection may carry both: equality is the rule.
///
/// @param source the local address to bind; empty leaves the choice to the system
/// @param terms  our EHLO name, how the reply is read, the TLS terms and the credentials
/// @param host   the MX or route host: SNI; empty for an address literal
/// @param offer  what is said in the handshake
public record ConnectionKey(Optional<InetAddress> source, InetSocketAddress peer, Terms terms, Optional<Domain> host, ClientOffer offer) {

    public ConnectionKey(Optional<InetAddress> source, InetSocketAddress peer, Terms terms, Optional<Domain> host, TlsVersion minimum) {
        this(source, peer, terms, host, ClientOffer.of(minimum));
    }
}
