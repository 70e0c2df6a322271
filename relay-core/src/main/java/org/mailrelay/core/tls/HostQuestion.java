package org.mailrelay.core.tls;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// All that [HostRules#plan] looks at.
///
/// @param entry           what the destination's entry says
/// @param messageFloor    `delivery_tls` of the mail flow policy: raises the level, never lowers it
/// @param need            what the message says (RFC 8689)
/// @param recipientDomain whom the mail is for
/// @param hostName        the MX host or the route's host; empty for an address literal
/// @param route           what a configured route adds
/// @param published       what DNS, DANE and MTA-STS say of the host
/// @param remembered      on which step of the ladder the host was left
public record HostQuestion(Entry entry, Optional<TlsLevel> messageFloor, MessageNeed need, Domain recipientDomain, Optional<Domain> hostName,
        Optional<Route> route, Published published, LadderStep remembered) {

    /// Where the operator alone speaks: nothing is published, and the message asks for nothing.
    public HostQuestion(TlsRule rule, Optional<TlsLevel> messageFloor, Domain recipientDomain, Optional<Domain> hostName, Optional<Route> route,
            List<String> tlsNames, Trust trust, boolean nearMissDefers, boolean plaintextLater, boolean handshakeFailedBefore) {
        this(new Entry(rule, Optional.empty(), DaneUse.NONE, new Identity(tlsNames, trust, false, false), nearMissDefers, plaintextLater), messageFloor,
                MessageNeed.NONE, recipientDomain, hostName, route, Published.NOTHING, handshakeFailedBefore ? LadderStep.CLEAR : LadderStep.HYBRID);
    }

    /// What an entry of `destinations.yaml` says of TLS.
    ///
    /// @param rule           the level
    /// @param trial          `tls_trial`: evaluated beside it
    /// @param nearMissDefers `ehlo_near_miss: defer`
    /// @param plaintextLater `plaintext_after_handshake_failure`
    public record Entry(TlsRule rule, Optional<TlsRule> trial, DaneUse dane, Identity identity, boolean nearMissDefers, boolean plaintextLater) {}

    /// Whom a verifying level takes the peer for.
    ///
    /// @param tlsNames   `tls_names`: stand in the place of recipient domain and host name; may be empty
    /// @param ownTrust   the entry names its own authorities: then DANE does not stand in for them
    /// @param commonName `allow_common_name`
    public record Identity(List<String> tlsNames, Trust trust, boolean ownTrust, boolean commonName) {
        public static final Identity STANDARD = new Identity(List.of(), Trust.SYSTEM, false, false);

        public Identity {
            tlsNames = List.copyOf(tlsNames);
        }

        /// The operator said who the peer is: a DANE match alone does not satisfy that.
        boolean ofTheOperators() {
            return !tlsNames.isEmpty() || ownTrust;
        }
    }

    /// @param rule        the route's position; its level is NONE where the route says nothing of TLS
    /// @param implicitTls TLS from the first octet
    /// @param auth        credentials will be sent: never but to a verified host (RFC 4954 §4)
    public record Route(TlsRule rule, boolean implicitTls, boolean auth) {}

    boolean implicitTls() {
        return route.map(Route::implicitTls).orElse(false);
    }

    boolean auth() {
        return route.map(Route::auth).orElse(false);
    }
}
