package org.mailrelay.listener;

import java.util.List;
import java.util.Optional;
import org.apache.james.protocols.api.Response;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// What a command makes the connection do. James hands it through as it is; the connection writes the reply's own octets.
sealed interface Reaction extends Response {

    OurReply reply();

    record Answer(OurReply reply) implements Reaction {}

    /// Answer and take the octets that follow as content.
    record TakeContent(OurReply reply) implements Reaction {}

    /// Take so many octets of content, then answer: what is wrong, or what the content comes to.
    record TakeChunk(long octets, boolean last, Optional<OurReply> refusal) implements Reaction {
        @Override
        public OurReply reply() {
            return refusal.orElseGet(() -> OurReplies.chunkTaken(octets));
        }
    }

    /// Answer and begin the handshake.
    record StartTls(OurReply reply) implements Reaction {}

    /// Have a response of AUTH judged elsewhere; what comes of it is the reply.
    record Prove(Proof proof, byte[] response) implements Reaction {
        @Override
        public OurReply reply() {
            return OurReplies.AUTH_UNAVAILABLE;
        }
    }

    /// Answer and close.
    record Leave(OurReply reply) implements Reaction {}

    @Override
    default String getRetCode() {
        return Integer.toString(reply().code());
    }

    @Override
    default List<CharSequence> getLines() {
        return List.copyOf(reply().lines());
    }

    @Override
    default boolean isEndSession() {
        return this instanceof Leave;
    }
}
