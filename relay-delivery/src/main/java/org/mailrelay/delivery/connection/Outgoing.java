package org.mailrelay.delivery.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Gathers what belongs into one flush, so that a group of commands, or a message with its end and the next group, is
/// one write to the socket and few TLS records. Event loop only.
///
/// Heap octets are put into one buffer of the socket's own kind, which the transport would else do piece by piece; large
/// buffers that it can take as they are go out uncopied.
final class Outgoing {

    /// A message of the usual size with its commands, in one piece that need not grow.
    private static final int FIRST = 16 * 1024;
    private static final int FULL = 64 * 1024;
    private static final int LARGE = 8 * 1024;

    private final ChannelHandlerContext context;
    private @Nullable ByteBuf gathered;
    /// What is gathered is somebody else's buffer: nothing can be added to it.
    private boolean foreign;
    private boolean unflushed;
    private @Nullable Runnable left;

    Outgoing(ChannelHandlerContext context) {
        this.context = context;
    }

    void add(byte[] octets) {
        room(octets.length).writeBytes(octets);
    }

    void add(ByteBuffer octets) {
        if (octets.isDirect() && octets.remaining() >= LARGE) {
            pass();
            gathered = Unpooled.wrappedBuffer(octets);
            foreign = true;
            return;
        }
        while (octets.hasRemaining()) {
            int count = Math.min(octets.remaining(), FULL);
            room(count).writeBytes(octets.slice(octets.position(), count));
            octets.position(octets.position() + count);
        }
    }

    /// True when something was added since it was last handed on.
    boolean gathers() {
        return gathered != null;
    }

    /// Runs `then` once what was added last has been written to the socket; never, where that fails.
    void whenLeft(Runnable then) {
        if (gathered == null) {
            throw new IllegalStateException("nothing was added");
        }
        Runnable before = left;
        left = before == null ? then : () -> {
            before.run();
            then.run();
        };
    }

    /// Hands on what is gathered, without a flush: then the channel knows how much waits.
    void pass() {
        if (gathered != null) {
            ByteBuf full = gathered;
            gathered = null;
            foreign = false;
            unflushed = true;
            if (left == null) {
                context.write(full);
                return;
            }
            Runnable then = left;
            left = null;
            context.write(full).addListener(written -> {
                if (written.isSuccess()) {
                    then.run();
                }
            });
        }
    }

    void flush() {
        pass();
        if (unflushed) {
            unflushed = false;
            context.flush();
        }
    }

    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
            foreign = false;
        }
    }

    private ByteBuf room(int count) {
        if (gathered != null && (foreign || gathered.readableBytes() + count > FULL)) {
            pass();
        }
        if (gathered == null) {
            gathered = context.alloc().ioBuffer(Math.max(FIRST, count + 512));
        }
        return gathered;
    }
}
