package org.mailrelay.core.replay;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.EhloReply;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.StartTlsOffer;

/// What a host showed on one connection up to the point where mail could be sent, or to where the connection ended.
///
/// @param hello         its answer to EHLO in the clear; empty where none came
/// @param startTlsReply the code of its answer to STARTTLS; 0 where it was not asked, or gave none
/// @param handshake     empty where none was begun
/// @param inTls         what it offers inside TLS; empty where it was not asked
public record SeenPeer(Optional<Hello> hello, int startTlsReply, Optional<SeenHandshake> handshake, Optional<Set<Keyword>> inTls) {

    public static final SeenPeer NOTHING = new SeenPeer(Optional.empty(), 0, Optional.empty(), Optional.empty());

    public SeenPeer {
        inTls = inTls.map(SeenPeer::copy);
    }

    /// An EHLO or HELO reply by both readings of its first line.
    ///
    /// @param extensions by the strict reading
    public record Hello(StartTlsOffer strict, StartTlsOffer tolerant, Set<Keyword> extensions) {

        public Hello {
            extensions = copy(extensions);
        }

        /// @return empty for a reply that is neither a success nor a refusal of EHLO itself
        public static Optional<Hello> ofEhlo(Reply reply) {
            if (reply.positive()) {
                EhloReply peer = EhloReply.parse(reply, EhloReading.STRICT);
                StartTlsOffer strict = offer(peer);
                boolean inOrder = peer.findings().isEmpty() && !peer.nearMiss();
                return Optional.of(new Hello(strict, inOrder ? strict : offer(EhloReply.parse(reply, EhloReading.TOLERANT)), offeredBy(peer)));
            }
            return reply.permanent() ? Optional.of(ofHelo()) : Optional.empty();
        }

        /// Success to HELO never offers anything (RFC 5321 §3.2).
        public static Hello ofHelo() {
            return new Hello(StartTlsOffer.HELO_ONLY, StartTlsOffer.HELO_ONLY, Set.of());
        }

        public StartTlsOffer offer(EhloReading reading) {
            return switch (reading) {
                case STRICT -> strict;
                case TOLERANT -> tolerant;
            };
        }

        private static StartTlsOffer offer(EhloReply peer) {
            return peer.has(Keyword.STARTTLS) ? StartTlsOffer.OFFERED : peer.nearMiss() ? StartTlsOffer.NEAR_MISS : StartTlsOffer.NOT_OFFERED;
        }
    }

    public static Set<Keyword> offeredBy(EhloReply peer) {
        Set<Keyword> offered = EnumSet.noneOf(Keyword.class);
        Arrays.stream(Keyword.values()).filter(peer::has).forEach(offered::add);
        return offered;
    }

    private static Set<Keyword> copy(Set<Keyword> of) {
        Set<Keyword> own = EnumSet.noneOf(Keyword.class);
        own.addAll(of);
        return java.util.Collections.unmodifiableSet(own);
    }
}
