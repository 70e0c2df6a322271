package org.mailrelay.core.access;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What is known of a client, as far as it may give rights.
///
/// @param listener     where it has connected
/// @param address      4 or 16 octets, as `InetAddress.getAddress()` gives them; a v4-mapped address counts as IPv4
/// @param verifiedName its host name, only where reverse and forward DNS agree
/// @param user         who has authenticated
/// @param certificate  what it has shown in the handshake of this connection
public record PeerFacts(String listener, byte[] address, Optional<Domain> verifiedName, Optional<String> user, Optional<ClientCertificate> certificate) {

    public static PeerFacts of(String listener, byte[] address, Optional<Domain> verifiedName) {
        return new PeerFacts(listener, address, verifiedName, Optional.empty(), Optional.empty());
    }

    public PeerFacts withUser(String name) {
        return new PeerFacts(listener, address, verifiedName, Optional.of(name), certificate);
    }

    public PeerFacts withCertificate(ClientCertificate shown) {
        return new PeerFacts(listener, address, verifiedName, user, Optional.of(shown));
    }

    public boolean named() {
        return user.isPresent();
    }

    public boolean certified() {
        return certificate.filter(ClientCertificate::counts).isPresent();
    }
}
