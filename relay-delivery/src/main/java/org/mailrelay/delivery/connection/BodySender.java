package org.mailrelay.delivery.connection;

import io.netty.buffer.Unpooled;
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
    private final WireBody body;
    private final Executor readers;
    private final Runnable sent;
    private final Consumer<IOException> damaged;
    private boolean reading;
    private boolean ended;

    BodySender(ChannelHandlerContext context, WireBody body, Executor readers, Runnable sent, Consumer<IOException> damaged) {
        this.context = context;
        this.body = body;
        this.readers = readers;
        this.sent = sent;
        this.damaged = damaged;
    }

    /// Goes on as far as the channel takes; called again when it becomes writable.
    void pump() {
        while (!ended && !reading && context.channel().isWritable()) {
            if (!body.inMemory()) {
                readElsewhere();
                return;
            }
            try {
                write(body.next());
            } catch (IOException unreadable) {
                fail(unreadable);
            }
        }
        context.flush();
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
            context.write(Unpooled.wrappedBuffer(piece));
            return;
        }
        ended = true;
        body.close();
        context.writeAndFlush(Unpooled.wrappedBuffer(FINAL_DOT));
        sent.run();
    }

    private void fail(IOException unreadable) {
        ended = true;
        body.close();
        damaged.accept(unreadable);
    }

    private void readElsewhere() {
        reading = true;
        context.flush();
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
