package org.mailrelay.net.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// What a finished handshake agreed on. The chain is as the peer sent it, its own certificate first; empty when the
/// engine shows none.
///
/// @param group the key exchange, such as `X25519MLKEM768`; empty where the engine does not tell
public record TlsChannel(String protocol, String cipher, Optional<String> group, List<X509Certificate> chain) {

    public TlsChannel {
        chain = List.copyOf(chain);
    }
}
