package org.mailrelay.core.tls;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// All that [HostRules#plan] looks at.
///
/// @param rule                the destination's entry
/// @param messageFloor        `delivery_tls` of the mail flow policy: raises the level, never lowers it
/// @param recipientDomain     whom the mail is for
/// @param hostName            the MX host or the route's host; empty for an address literal
/// @param route               what a configured route adds
/// @param tlsNames            `tls_names`: stand in the place of recipient domain and host name; may be empty
/// @param nearMissDefers      `ehlo_near_miss: defer`
/// @param plaintextLater      `plaintext_after_handshake_failure`
/// @param handshakeFailedBefore a handshake with this host failed lately
public record HostQuestion(TlsRule rule, Optional<TlsLevel> messageFloor, Domain recipientDomain, Optional<Domain> hostName,
        Optional<Route> route, List<String> tlsNames, Trust trust, boolean nearMissDefers, boolean plaintextLater,
        boolean handshakeFailedBefore) {

    public HostQuestion {
        tlsNames = List.copyOf(tlsNames);
    }

    /// @param rule        the route's position; its level is NONE where the route says nothing of TLS
    /// @param implicitTls TLS from the first octet
    /// @param auth        credentials will be sent: never but to a verified host (RFC 4954 §4)
    public record Route(TlsRule rule, boolean implicitTls, boolean auth) {}
}
