package org.mailrelay.core.tls;

import java.util.List;

/// One thing to prove about the peer once the handshake has ended.
public sealed interface TlsCheck {

    /// The chain leads to an authority we trust and its first certificate names one of `names`, as a SAN dNSName
    /// (RFC 9525 §6.3). A name that begins with a dot means any name below it.
    record Pkix(List<String> names, Trust trust) implements TlsCheck {
        public Pkix {
            names = List.copyOf(names);
            if (names.isEmpty()) {
                throw new IllegalArgumentException("a certificate check without a name to look for");
            }
        }
    }
}
