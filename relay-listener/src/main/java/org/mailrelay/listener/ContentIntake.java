package org.mailrelay.listener;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.smtp.DataScanner;

/// Takes the content of a session's open message out of the inbox, behind 354 or behind BDAT. On the connection's event loop.
final class ContentIntake {

    /// What the inbox has brought.
    enum Came {
        /// More is to come.
        PART,
        /// A chunk, or one to refuse, is over; the message is not.
        CHUNK,
        /// All of the message.
        MESSAGE,
        /// So much that its end is not waited for.
        TOO_MUCH
    }

    private final Session session;
    private final Inbox inbox;
    private final Patience patience;
    private Reaction.@Nullable TakeChunk chunk;
    private long chunkLeft;

    ContentIntake(Session session, Inbox inbox, Patience patience) {
        this.session = session;
        this.inbox = inbox;
        this.patience = patience;
    }

    Came content() {
        InboundMessage message = session.message().orElseThrow();
        int end = message.content(inbox.octets, inbox.start, inbox.end);
        patience.contentCame(end - inbox.start, System.nanoTime());
        inbox.start = end;
        if (message.ended()) {
            inbox.start += DataScanner.TERMINATOR_LENGTH;
            return Came.MESSAGE;
        }
        return message.endless() ? Came.TOO_MUCH : Came.PART;
    }

    /// @return what has come of it already: a chunk may be empty
    Came begin(Reaction.TakeChunk begun) {
        chunk = begun;
        chunkLeft = begun.octets();
        patience.contentAwaited(System.nanoTime());
        return chunkLeft == 0 ? ended(begun) : Came.PART;
    }

    Came chunk() {
        Reaction.TakeChunk current = underWay();
        int count = (int) Math.min(chunkLeft, inbox.count());
        if (current.refusal().isEmpty()) {
            session.message().orElseThrow().chunk(inbox.octets, inbox.start, inbox.start + count);
        }
        patience.contentCame(count, System.nanoTime());
        inbox.start += count;
        chunkLeft -= count;
        return chunkLeft == 0 ? ended(current) : Came.PART;
    }

    private Came ended(Reaction.TakeChunk all) {
        if (all.refusal().isPresent() || !all.last()) {
            return Came.CHUNK;
        }
        session.message().orElseThrow().endChunks();
        return Came.MESSAGE;
    }

    Reaction.TakeChunk underWay() {
        return Objects.requireNonNull(chunk);
    }
}
