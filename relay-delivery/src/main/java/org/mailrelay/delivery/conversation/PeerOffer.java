package org.mailrelay.delivery.conversation;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailrelay.core.smtp.EhloReply;
import org.mailrelay.core.smtp.Keyword;

/// What the host offers in the state in which mail will be sent. Nothing in it was learnt before the handshake.
///
/// @param extensions     the keywords that it lists
/// @param sizeLimit      the largest message that it takes, in octets (RFC 1870 §4); empty where it names none
/// @param leastDeliverBy the least time that it takes for `BY=` in mode R, in seconds (RFC 2852 §3); empty where it names none
/// @param mailMax        how many messages it takes on one connection (RFC 9422 §4.1)
public record PeerOffer(boolean encrypted, Set<Keyword> extensions, OptionalLong sizeLimit, OptionalLong leastDeliverBy, long mailMax) {

    public PeerOffer(boolean encrypted, Set<Keyword> extensions, OptionalLong sizeLimit, OptionalLong leastDeliverBy) {
        this(encrypted, extensions, sizeLimit, leastDeliverBy, Long.MAX_VALUE);
    }

    public PeerOffer(boolean encrypted, Set<Keyword> extensions, OptionalLong sizeLimit) {
        this(encrypted, extensions, sizeLimit, OptionalLong.empty());
    }

    public PeerOffer {
        extensions = copy(extensions);
    }

    public static PeerOffer of(boolean encrypted, EhloReply peer) {
        return new PeerOffer(encrypted, Arrays.stream(Keyword.values()).filter(peer::has).collect(Collectors.toSet()), peer.size(), peer.leastDeliverBy(), peer.mailMax().orElse(Long.MAX_VALUE));
    }

    public boolean offers(Keyword keyword) {
        return extensions.contains(keyword);
    }

    public boolean pipelining() {
        return extensions.contains(Keyword.PIPELINING);
    }

    /// An enum set: asked several times a message.
    private static Set<Keyword> copy(Collection<Keyword> of) {
        Set<Keyword> own = EnumSet.noneOf(Keyword.class);
        own.addAll(of);
        return java.util.Collections.unmodifiableSet(own);
    }
}
