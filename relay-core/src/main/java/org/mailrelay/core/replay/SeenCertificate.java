package org.mailrelay.core.replay;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.Trust;

/// The chain that a host showed, judged once for all: what each level that verifies would have to know of it.
///
/// @param digest     SHA-256 over the chain, in hexadecimal
/// @param until      the end of the host's own certificate
/// @param names      SAN dNSNames, bounded: those that were looked for come first
/// @param more       there are more names than were kept
/// @param commonName where there is no dNSName at all
/// @param trust      the authorities that it was held against
/// @param fault      why no path leads to one of them; empty where one does
public record SeenCertificate(String digest, Instant until, List<String> names, boolean more, Optional<String> commonName, Trust trust, Optional<TlsFault> fault) {

    public SeenCertificate {
        names = List.copyOf(names);
    }
}
