package org.mailrelay.core.tls;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What must hold before message content may cross one connection.
///
/// `enforced` checks stop the delivery when they fail; `observed` checks are made and reported, and change nothing (MTA-STS
/// testing mode, RFC 8461 §5; `preferred-verify`; `tls_trial`).
public record TlsRequirement(Encryption encryption, List<TlsCheck> enforced, List<TlsCheck> observed) {

    public enum Encryption {
        NEVER, IF_OFFERED, ALWAYS;

        /// The stronger of the two: what binds a host is only ever raised.
        public Encryption raisedTo(Encryption other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    public TlsRequirement {
        enforced = List.copyOf(enforced);
        observed = List.copyOf(observed);
        if (!enforced.isEmpty() && encryption != Encryption.ALWAYS) {
            throw new IllegalArgumentException("an enforced check needs encryption ALWAYS, got " + encryption);
        }
    }

    public static TlsRequirement of(Encryption encryption) {
        return new TlsRequirement(encryption, List.of(), List.of());
    }

    /// What SNI says: the TLSA base domain where DANE binds (RFC 7672 §8.1), else the host's name; nothing for an address literal
    /// (RFC 6066 §3).
    public Optional<Domain> serverName(Optional<Domain> host) {
        for (TlsCheck check : enforced) {
            if (check instanceof TlsCheck.Dane dane) {
                return Optional.of(dane.base());
            }
        }
        return host;
    }
}
