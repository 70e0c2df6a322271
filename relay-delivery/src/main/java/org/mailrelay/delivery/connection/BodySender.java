package org.mailrelay.delivery.connection;

import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.WireBody;

/// Writes one body in its framing, no faster than the host takes it. Runs on the event loop; a body that is not in
/// memory is read on a virtual thread, one piece at a time.
final class BodySender {

    private final ChannelHandlerContext context;
    private final Link link;
    private final WireBody body;
    private final Framing framing;
    private final Runnable added;
    private final Consumer<IOException> damaged;
    private boolean begun;
    private boolean reading;
    private boolean ended;

    /// @param added called behind the end of the content and before the flush: what it adds goes out with it
    BodySender(Link link, WireBody body, Framing framing, Runnable added, Consumer<IOException> damaged) {
        this.context = link.context();
        this.link = link;
        this.body = body;
        this.framing = framing;
        this.added = added;
        this.damaged = damaged;
    }

    /// Goes on as far as the channel and the framing take it, then flushes; called again when they take more.
    void pump() {
        if (!begun) {
            begun = true;
            if (body.inMemory()) {
                framing.promise(body.length());
            }
        }
        while (!ended && !reading && context.channel().isWritable() && framing.mayAdd()) {
            if (!body.inMemory()) {
                readElsewhere();
                break;
            }
            try {
                write(body.next());
            } catch (IOException unreadable) {
                fail(unreadable);
            }
        }
        link.out().flush();
    }

    /// Nothing is written any more. A read that is under way elsewhere still ends; it closes the body then.
    void stop() {
        ended = true;
        if (!reading) {
            body.close();
        }
    }

    private void write(@Nullable ByteBuffer piece) throws IOException {
        if (piece != null) {
            framing.add(piece, link.out());
            return;
        }
        framing.end(link.out());
        ended = true;
        body.close();
        added.run();
    }

    private void fail(IOException unreadable) {
        ended = true;
        body.close();
        link.out().release();
        damaged.accept(unreadable);
    }

    private void readElsewhere() {
        reading = true;
        link.around().bodyReaders().execute(() -> {
            try {
                ByteBuffer piece = body.next();
                context.executor().execute(() -> resume(() -> write(piece)));
            } catch (IOException unreadable) {
                context.executor().execute(() -> resume(() -> {
                    throw unreadable;
                }));
            }
        });
    }

    private interface Next {
        void run() throws IOException;
    }

    private void resume(Next next) {
        reading = false;
        if (ended) {
            body.close();
            return;
        }
        try {
            next.run();
        } catch (IOException unreadable) {
            fail(unreadable);
        }
        pump();
    }
}
