package org.mailrelay.delivery.conversation;

import java.util.Optional;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsRequirement;

/// What an opening goes by.
///
/// @param ehloName      our name as sent: a domain or an address literal (RFC 5321 §4.1.3)
/// @param strictReplies a bare LF ends the connection (`replies: strict`)
/// @param chosen        the operator chose the host: that it has our own name is no loop
public record Terms(String ehloName, EhloReading reading, boolean strictReplies, HostTerms tls, Optional<Credentials> auth, boolean chosen) {

    /// Of a host that DNS named.
    public Terms(String ehloName, EhloReading reading, boolean strictReplies, HostTerms tls, Optional<Credentials> auth) {
        this(ehloName, reading, strictReplies, tls, auth, false);
    }

    public Terms {
        if (auth.isPresent() && (tls.requirement().encryption() != TlsRequirement.Encryption.ALWAYS || tls.requirement().enforced().isEmpty())) {
            throw new IllegalArgumentException("credentials for a host that need not be verified");
        }
    }
}
