package org.mailrelay.core.route;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// One MX record. A target from DNS is data: it is a host only when it reads as a domain name (the root, addresses in text, and
/// names with odd octets are not).
///
/// @param host empty when the target is no name we would connect to
/// @param text the target as DNS shows it, for the log only
public record Mx(int preference, Optional<Domain> host, String text) {

    public Mx {
        if (preference < 0 || preference > 65_535) {
            throw new IllegalArgumentException("MX preference " + preference);
        }
    }

    public static Mx of(int preference, String target) {
        return new Mx(preference, Domain.parse(target).filter(name -> !name.endsInNumber()), target);
    }

    /// RFC 7505 §3: the root as target.
    public boolean isNull() {
        return text.equals(".") || text.isEmpty();
    }
}
