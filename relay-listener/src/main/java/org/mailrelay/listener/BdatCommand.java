package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.smtp.ChunkCommand;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// BDAT (RFC 3030 §2). The octets of a chunk follow whatever is answered, so a refusal is said behind them; a chunk far beyond any limit
/// is not waited for. Any refusal ends the transaction with all of its envelope.
final class BdatCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("BDAT");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        return switch (ChunkCommand.parse(request.getArgument())) {
            case ChunkCommand.Unreadable(OurReply reply) -> {
                session.badSyntax(reply, request);
                yield new Reaction.Leave(reply);
            }
            case ChunkCommand.Chunk chunk when InboundMessage.endless(chunk.octets(), session.peer().policy()) -> {
                session.receivingFailed(ReceivingFailure.MESSAGE_SIZE);
                yield new Reaction.Leave(OurReplies.TOO_LARGE);
            }
            case ChunkCommand.Chunk chunk -> take(session, chunk);
        };
    }

    private static Reaction take(Session session, ChunkCommand.Chunk chunk) {
        Optional<OurReply> refusal = session.mustStartTls() ? Optional.of(OurReplies.TLS_FIRST) : refusal(session, chunk);
        if (refusal.isPresent()) {
            session.forget();
        } else {
            session.beginChunk(session.message().orElseThrow());
            if (chunk.octets() > 0) {
                session.counts().progress();
            }
        }
        return new Reaction.TakeChunk(chunk.octets(), chunk.last(), refusal);
    }

    private static Optional<OurReply> refusal(Session session, ChunkCommand.Chunk chunk) {
        Optional<InboundMessage> open = session.message();
        if (open.isEmpty()) {
            return Optional.of(OurReplies.MAIL_FIRST);
        }
        if (open.get().recipients.isEmpty()) {
            return Optional.of(OurReplies.NO_VALID_RECIPIENTS);
        }
        if (open.get().exceededBy(chunk.octets())) {
            session.receivingFailed(ReceivingFailure.MESSAGE_SIZE);
            return Optional.of(OurReplies.TOO_LARGE);
        }
        return Optional.empty();
    }
}
