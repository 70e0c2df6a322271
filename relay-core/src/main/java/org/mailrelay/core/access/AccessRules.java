package org.mailrelay.core.access;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Decides by sender groups in their order: the first that matches wins, CONTINUE goes on to the next, nothing is REJECT.
public final class AccessRules {

    private AccessRules() {
    }

    /// For a client that has not said who it is yet.
    public static AccessDecision decide(byte[] peer, Optional<Domain> verifiedName, List<SenderGroup> groups) {
        return decide(PeerFacts.of(peer, verifiedName), groups);
    }

    /// Asked when the client connects, and again when it has proven who it is.
    public static AccessDecision decide(PeerFacts peer, List<SenderGroup> groups) {
        for (SenderGroup group : groups) {
            Optional<PeerPattern> matched = group.match().stream().filter(pattern -> matches(pattern, peer)).findFirst();
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

    private static boolean matches(PeerPattern pattern, PeerFacts peer) {
        return switch (pattern) {
            case PeerPattern.Block(AddressBlock block, String _) -> block.contains(peer.address());
            case PeerPattern.Host(Domain name, String _) -> peer.verifiedName().filter(name::equals).isPresent();
            case PeerPattern.Below(Domain parent, String _) -> peer.verifiedName().filter(name -> name.isBelow(parent)).isPresent();
            case PeerPattern.User(String name, String _) -> peer.user().filter(user -> name.equals(PeerPattern.ANY) || name.equals(user)).isPresent();
            case PeerPattern.Certificate(String name, String _) -> name.equals(PeerPattern.ANY) ? peer.certified() : peer.certificateNames().contains(name);
            case PeerPattern.Everyone _ -> true;
        };
    }
}
