package org.mailrelay.core.access;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Domain;

/// Decides by sender groups in their order: the first that matches wins, CONTINUE goes on to the next, nothing is REJECT.
public final class AccessRules {

    private AccessRules() {
    }

    /// Asked when the client connects, and again when it has proven who it is.
    public static AccessDecision decide(PeerFacts peer, List<SenderGroup> groups) {
        for (SenderGroup group : groups) {
            Optional<PeerPattern> matched = !group.isFor(peer.listener()) ? Optional.empty() : group.match().stream().filter(pattern -> matches(pattern, peer)).findFirst();
            if (matched.isEmpty()) {
                continue;
            }
            String match = matched.get().written();
            switch (group.policy().access()) {
                case RELAY -> {
                    return new AccessDecision.Relay(group.name(), match, group.policy());
                }
                case ACCEPT -> {
                    return new AccessDecision.Accept(group.name(), match, group.policy());
                }
                case REJECT -> {
                    return new AccessDecision.Reject(group.name(), match);
                }
                case TCPREFUSE -> {
                    return new AccessDecision.TcpRefuse(group.name(), match);
                }
                case CONTINUE -> { }
            }
        }
        return new AccessDecision.Reject(AccessDecision.NOTHING, AccessDecision.NOTHING);
    }

    static boolean matches(PeerPattern pattern, PeerFacts peer) {
        return switch (pattern) {
            case PeerPattern.Block(AddressBlock block, String _) -> block.contains(peer.address());
            case PeerPattern.Host(Domain name, String _) -> peer.verifiedName().filter(name::equals).isPresent();
            case PeerPattern.Below(Domain parent, String _) -> peer.verifiedName().filter(name -> name.isBelow(parent)).isPresent();
            case PeerPattern.User(String name, String _) -> peer.user().filter(user -> name.equals(PeerPattern.ANY) || name.equals(user)).isPresent();
            case PeerPattern.OfCertificate certificate -> peer.certificate().filter(shown -> matches(certificate, shown)).isPresent();
            case PeerPattern.Everyone _ -> true;
        };
    }

    private static boolean matches(PeerPattern.OfCertificate pattern, ClientCertificate shown) {
        boolean vouched = shown.vouched() == ClientCertificate.Vouched.AUTHORITY;
        return switch (pattern) {
            case PeerPattern.CertificateName(String name, String _) -> vouched && (name.equals(PeerPattern.ANY) || shown.names().contains(name));
            case PeerPattern.CertificateSubject(String subject, String _) -> vouched && shown.subject().equals(subject);
            case PeerPattern.CertificatePin(String fingerprint, String _) -> shown.fingerprint().equals(fingerprint);
        };
    }

    /// What a client's certificate makes of the client: a certificate whose fingerprint the operator has written down counts though no
    /// authority vouches for it, and the first entry that is about it names the user.
    public static PeerFacts certified(PeerFacts peer, ClientCertificate shown, List<SenderGroup> groups, List<CertificateUser> users) {
        boolean known = Stream.concat(groups.stream().flatMap(group -> group.match().stream()), users.stream().map(CertificateUser::pattern))
                .anyMatch(pattern -> pattern instanceof PeerPattern.CertificatePin(String fingerprint, String _) && fingerprint.equals(shown.fingerprint()));
        PeerFacts facts = peer.withCertificate(known ? shown.pinned() : shown);
        return users.stream().filter(entry -> matches(entry.pattern(), facts)).findFirst().map(entry -> facts.withUser(entry.user())).orElse(facts);
    }
}
