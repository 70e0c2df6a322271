package org.mailrelay.net.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/// What a finished handshake agreed on. The chain is as the peer sent it, its own certificate first; empty when the
/// engine shows none.
public record TlsChannel(String protocol, String cipher, List<X509Certificate> chain) {

    public TlsChannel {
        chain = List.copyOf(chain);
    }
}
