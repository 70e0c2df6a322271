package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.WireBody;
import org.mailrelay.queue.BodySource;

/// A stored body as the wire wants it: our own fields first, then what came in, checked to its end.
public final class SpoolBody implements WireBody {

    private static final int LEAST = 512;

    private final byte[] prologue;
    private final BodySource source;
    private final Deque<ByteBuffer> ready = new ArrayDeque<>();
    private final boolean inMemory;
    private final long length;
    private long unread;
    private boolean closed;

    /// @param prologue our fields in wire form; may be empty
    public SpoolBody(byte[] prologue, BodySource source) {
        this.prologue = prologue;
        this.source = source;
        this.length = prologue.length + source.length();
        this.unread = source.length();
        if (prologue.length > 0) {
            ready.add(ByteBuffer.wrap(prologue));
        }
        this.inMemory = source.inMemory().isPresent();
        source.inMemory().ifPresent(chunks -> chunks.stream().filter(ByteBuffer::hasRemaining).forEach(chunk -> ready.add(chunk.duplicate())));
    }

    @Override
    public boolean inMemory() {
        return inMemory;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public @Nullable ByteBuffer next(int most) throws IOException {
        ByteBuffer next = ready.poll();
        if (inMemory) {
            return next;
        }
        // Our fields go out in one piece with what they stand on.
        int before = next == null ? 0 : next.remaining();
        ByteBuffer piece = ByteBuffer.allocate(before + (int) Math.min(unread, Math.max(LEAST, most - before)));
        if (next != null) {
            piece.put(next);
        }
        int read = 0;
        while (piece.hasRemaining() && (read = source.read(piece)) >= 0) {
            unread -= read;
        }
        if (piece.position() > 0) {
            return piece.flip();
        }
        if (!source.intact()) {
            throw new IOException("the stored octets are not those that came in");
        }
        return null;
    }

    @Override
    public WireBody again() {
        return new SpoolBody(prologue, source.again());
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            source.close();
        } catch (IOException nothingLost) {
            // All that was wanted of the file has been read; the result must still be reported.
        }
    }
}
