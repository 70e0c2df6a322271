package org.mailrelay.net.tls;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a destination's entry says of the handshake itself. Not what is checked: that is the requirement.
///
/// @param ciphers     of TLS 1.2, OpenSSL's names; empty: the library's choice. TLS 1.3's are not for choosing
/// @param certificate shown to a host that asks for one
public record ClientOffer(TlsVersion minimum, List<String> ciphers, Optional<Certificate> certificate) {

    public ClientOffer {
        ciphers = List.copyOf(ciphers);
    }

    public static ClientOffer of(TlsVersion minimum) {
        return new ClientOffer(minimum, List.of(), Optional.empty());
    }

    /// PEM files: the chain, and a PKCS #8 key.
    public record Certificate(Path chain, Path key) {}
}
