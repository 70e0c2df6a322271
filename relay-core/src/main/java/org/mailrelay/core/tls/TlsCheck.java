package org.mailrelay.core.tls;

import java.util.List;
import org.mailrelay.core.mail.Domain;

/// One thing to prove about the peer once the handshake has ended.
public sealed interface TlsCheck {

    /// The chain leads to an authority we trust and its first certificate names one of `names`, as a SAN dNSName
    /// (RFC 9525 §6.3). A name that begins with a dot means any name below it.
    ///
    /// @param commonName `allow_common_name`: where there is no dNSName at all, the common name counts
    record Pkix(List<String> names, Trust trust, boolean commonName) implements TlsCheck {
        public Pkix {
            names = List.copyOf(names);
            if (names.isEmpty()) {
                throw new IllegalArgumentException("a certificate check without a name to look for");
            }
        }

        public Pkix(List<String> names, Trust trust) {
            this(names, trust, false);
        }
    }

    /// One of the TLSA records matches the chain (RFC 7672 §3.1).
    ///
    /// @param records in their order, so that DNS rotation makes no other check of them
    /// @param base    sent as SNI
    /// @param names   for DANE-TA (RFC 7672 §3.2.3)
    record Dane(List<TlsaRecord> records, Domain base, List<Domain> names) implements TlsCheck {
        public Dane {
            records = records.stream().sorted().distinct().toList();
            names = names.stream().sorted().distinct().toList();
            if (records.isEmpty()) {
                throw new IllegalArgumentException("a DANE check without a record");
            }
        }
    }

    /// The chain is trusted and names the MX host as a SAN dNSName, never by its common name (RFC 8461 §4.1).
    ///
    /// @param policyDomain and `id`: which policy demands it
    record MtaSts(Domain policyDomain, String id, Domain host, Trust trust) implements TlsCheck {}
}
