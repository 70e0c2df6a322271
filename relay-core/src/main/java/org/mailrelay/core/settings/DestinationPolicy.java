package org.mailrelay.core.settings;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;

/// One entry of `destinations.yaml`, with what it inherits from `default` filled in.
///
/// @param entry                    as it stands in the file: `bank.example`, `.partner.example`, `default`
/// @param tls                      the level, and where it was set
/// @param connections              at once for one recipient domain
/// @param connectionsPerMx         at once for one address of a mail host; empty: no limit
/// @param messagesPerConnection    then QUIT and a new connection
/// @param recipientsPerMessage     in one transaction
/// @param plaintextAfterHandshakeFailure one later attempt may go in the clear, at `preferred`
/// @param nearMissDefers           `ehlo_near_miss: defer`
/// @param strictReplies            `replies: strict`: a bare LF is a protocol error
/// @param recipientRate            of the domain; empty: no limit
/// @param failFast                 bounce once every mail host has refused the TLS terms
/// @param terms                    what else is said of TLS
public record DestinationPolicy(String entry, TlsRule tls, String tlsMinVersion, List<String> tlsNames, Trust trust,
        boolean plaintextAfterHandshakeFailure, boolean allowCommonName, EhloReading ehlo, boolean nearMissDefers, boolean strictReplies,
        boolean failFast, IpPreference ip, int connections, OptionalInt connectionsPerMx, int messagesPerConnection,
        int recipientsPerMessage, Optional<RecipientRate> recipientRate, BounceProfile bounceProfile, TlsTerms terms) {

    public enum IpPreference { V6_PREFERRED, V4_PREFERRED, V6_REQUIRED, V4_REQUIRED }

    public DestinationPolicy {
        tlsNames = List.copyOf(tlsNames);
        if (connections < 1 || messagesPerConnection < 1 || recipientsPerMessage < 1) {
            throw new IllegalArgumentException("a limit below 1 in the entry " + entry);
        }
    }

    /// An entry that says no more of TLS than its level.
    public DestinationPolicy(String entry, TlsRule tls, String tlsMinVersion, List<String> tlsNames, Trust trust,
            boolean plaintextAfterHandshakeFailure, boolean allowCommonName, EhloReading ehlo, boolean nearMissDefers, boolean strictReplies,
            boolean failFast, IpPreference ip, int connections, OptionalInt connectionsPerMx, int messagesPerConnection,
            int recipientsPerMessage, BounceProfile bounceProfile) {
        this(entry, tls, tlsMinVersion, tlsNames, trust, plaintextAfterHandshakeFailure, allowCommonName, ehlo, nearMissDefers, strictReplies, failFast, ip,
                connections, connectionsPerMx, messagesPerConnection, recipientsPerMessage, Optional.empty(), bounceProfile, TlsTerms.PLAIN);
    }

    /// The entry as it holds at this moment: with its exception, as long as that lasts.
    public DestinationPolicy at(Instant now) {
        Optional<PolicyException> exception = terms.exception().filter(lowered -> lowered.holds(now));
        if (exception.isEmpty()) {
            return this;
        }
        PolicyException lowered = exception.get();
        TlsTerms less = new TlsTerms(terms.trial(), lowered.dane().orElse(terms.dane()), lowered.mtaSts().orElse(terms.mtaSts()), terms.ciphers(), terms.ownTrust(),
                terms.certificate(), terms.exception(), terms.alert());
        return new DestinationPolicy(entry, lowered.tls().orElse(tls), tlsMinVersion, tlsNames, trust, plaintextAfterHandshakeFailure, allowCommonName,
                lowered.ehlo().orElse(ehlo), nearMissDefers, strictReplies, failFast, ip, connections, connectionsPerMx, messagesPerConnection, recipientsPerMessage,
                recipientRate, bounceProfile, less);
    }

    /// True where the two differ in nothing but in where they stand.
    public boolean saysWhat(DestinationPolicy other) {
        return placeless().equals(other.placeless());
    }

    private DestinationPolicy placeless() {
        TlsTerms bare = new TlsTerms(terms.trial().map(DestinationPolicy::placeless), terms.dane(), terms.mtaSts(), terms.ciphers(), terms.ownTrust(), terms.certificate(),
                terms.exception(), terms.alert());
        return new DestinationPolicy("", placeless(tls), tlsMinVersion, tlsNames, trust, plaintextAfterHandshakeFailure, allowCommonName, ehlo, nearMissDefers,
                strictReplies, failFast, ip, connections, connectionsPerMx, messagesPerConnection, recipientsPerMessage, recipientRate, bounceProfile, bare);
    }

    private static TlsRule placeless(TlsRule rule) {
        return new TlsRule(rule.level(), "", "");
    }

    /// For [org.mailrelay.core.tls.HostRules].
    public HostQuestion.Entry question() {
        return new HostQuestion.Entry(tls, terms.trial(), terms.dane(), new HostQuestion.Identity(tlsNames, trust, terms.ownTrust(), allowCommonName),
                nearMissDefers, plaintextAfterHandshakeFailure);
    }

    /// What a route's host adds to it; its level is NONE where the route says nothing of TLS.
    public HostQuestion.Route question(RouteEntry.Host host) {
        return new HostQuestion.Route(host.tls().orElse(new TlsRule(TlsLevel.NONE, tls.position(), tls.entry())), host.implicitTls(), host.auth().isPresent());
    }
}
