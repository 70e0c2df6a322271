package org.mailrelay.core.access;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Decides by sender groups in their order: the first that matches wins, CONTINUE goes on to the next, nothing is REJECT.
public final class AccessRules {

    private AccessRules() {
    }

    /// @param peer         4 or 16 octets, as `InetAddress.getAddress()` gives them; a v4-mapped address counts as IPv4
    /// @param verifiedName the peer's host name, only where reverse and forward DNS agree
    public static AccessDecision decide(byte[] peer, Optional<Domain> verifiedName, List<SenderGroup> groups) {
        for (SenderGroup group : groups) {
            Optional<PeerPattern> matched = group.match().stream().filter(pattern -> matches(pattern, peer, verifiedName)).findFirst();
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

    private static boolean matches(PeerPattern pattern, byte[] peer, Optional<Domain> verifiedName) {
        return switch (pattern) {
            case PeerPattern.Block(AddressBlock block, String _) -> block.contains(peer);
            case PeerPattern.Host(Domain name, String _) -> verifiedName.filter(name::equals).isPresent();
            case PeerPattern.Below(Domain parent, String _) -> verifiedName.filter(name -> name.isBelow(parent)).isPresent();
            case PeerPattern.Everyone _ -> true;
        };
    }
}
