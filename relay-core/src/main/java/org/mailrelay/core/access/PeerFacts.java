package org.mailrelay.core.access;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What is known of a client, as far as it may give rights.
///
/// @param address          4 or 16 octets, as `InetAddress.getAddress()` gives them; a v4-mapped address counts as IPv4
/// @param verifiedName     its host name, only where reverse and forward DNS agree
/// @param user             who has authenticated
/// @param certificateNames the DNS names and mail addresses of its certificate, only where that was verified
public record PeerFacts(byte[] address, Optional<Domain> verifiedName, Optional<String> user, List<String> certificateNames) {

    public PeerFacts {
        certificateNames = List.copyOf(certificateNames);
    }

    public static PeerFacts of(byte[] address, Optional<Domain> verifiedName) {
        return new PeerFacts(address, verifiedName, Optional.empty(), List.of());
    }

    public PeerFacts withUser(String name) {
        return new PeerFacts(address, verifiedName, Optional.of(name), certificateNames);
    }

    public PeerFacts withCertificate(List<String> names) {
        return new PeerFacts(address, verifiedName, user, names);
    }

    public boolean named() {
        return user.isPresent();
    }

    public boolean certified() {
        return !certificateNames.isEmpty();
    }
}
