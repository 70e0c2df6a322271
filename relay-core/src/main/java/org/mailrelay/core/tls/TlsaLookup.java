package org.mailrelay.core.tls;

import java.util.List;
import org.mailrelay.core.mail.Domain;

/// What DNS said about a host's TLSA records (RFC 7672 §2.2).
public sealed interface TlsaLookup {

    /// Secure answer with at least one record we can use.
    ///
    /// @param records the usable ones
    /// @param base    the TLSA base domain: sent as SNI (RFC 7672 §8.1)
    /// @param names   what a certificate under a DANE-TA record may be called (RFC 7672 §3.2.3): the next hop's domain, the secure end of
    ///                its aliases, the base domain
    record Usable(List<TlsaRecord> records, Domain base, List<Domain> names) implements TlsaLookup {
        public Usable {
            records = List.copyOf(records);
            names = List.copyOf(names);
            if (records.isEmpty() || names.isEmpty()) {
                throw new IllegalArgumentException("usable, without a record or a name");
            }
        }
    }

    /// Secure answer, no record we can use: encryption becomes mandatory, authentication impossible.
    record AllUnusable(Domain base) implements TlsaLookup {}

    /// Insecure zone, or secure denial of existence; or nobody asked.
    record None() implements TlsaLookup {}

    /// Timeout, SERVFAIL, bogus signature: the host must not be used now.
    record Failed(String detail) implements TlsaLookup {}
}
