package org.mailrelay.delivery.connection;

import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.WireBody;

/// Writes one body and the final dot, no faster than the host takes it. Runs on the event loop; a body that is not in
/// memory is read on a virtual thread, one piece at a time.
final class BodySender {

    private static final byte[] FINAL_DOT = {'.', '\r', '\n'};

    private final ChannelHandlerContext context;
    private final Outgoing out;
    private final WireBody body;
    private final Executor readers;
    private final Runnable added;
    private final Consumer<IOException> damaged;
    private boolean reading;
    private boolean ended;

    /// @param added called behind the final dot and before the flush: what it adds goes out with it
    BodySender(ChannelHandlerContext context, Outgoing out, WireBody body, Executor readers, Runnable added, Consumer<IOException> damaged) {
        this.context = context;
        this.out = out;
        this.body = body;
        this.readers = readers;
        this.added = added;
        this.damaged = damaged;
    }

    /// Goes on as far as the channel takes, then flushes; called again when it becomes writable.
    void pump() {
        while (!ended && !reading && context.channel().isWritable()) {
            if (!body.inMemory()) {
                readElsewhere();
                break;
            }
            try {
                write(body.next());
            } catch (IOException unreadable) {
                fail(unreadable);
                return;
            }
        }
        out.flush();
    }

    /// Nothing is written any more. A read that is under way elsewhere still ends; it closes the body then.
    void stop() {
        ended = true;
        if (!reading) {
            body.close();
        }
    }

    private void write(@Nullable ByteBuffer piece) {
        if (piece != null) {
            out.add(piece);
            return;
        }
        ended = true;
        body.close();
        out.add(FINAL_DOT);
        added.run();
    }

    private void fail(IOException unreadable) {
        ended = true;
        body.close();
        out.release();
        damaged.accept(unreadable);
    }

    private void readElsewhere() {
        reading = true;
        readers.execute(() -> {
            try {
                ByteBuffer piece = body.next();
                context.executor().execute(() -> resume(() -> write(piece)));
            } catch (IOException unreadable) {
                context.executor().execute(() -> resume(() -> fail(unreadable)));
            }
        });
    }

    private void resume(Runnable next) {
        reading = false;
        if (ended) {
            body.close();
            return;
        }
        next.run();
        pump();
    }
}
