package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Collects one body as its bytes arrive: in memory, and past [#IN_MEMORY] octets in a file of its own.
///
/// Not thread-safe: one connection's event loop owns it. It never waits for the disk: whoever brings a large body asks [#isBehind], or on a thread that may block
/// calls [#awaitRoom], before he brings more. [#finish] hands the body on; [#discard] gives it up.
public final class BodyWriter {

    /// Octets; a body longer than this streams to a file, so that it is never whole in memory.
    static final int IN_MEMORY = 256 * 1024;
    private static final int FIRST_CHUNK = 12 * 1024;
    private static final int CHUNK = 64 * 1024;

    private final Bodies bodies;
    private final Path file;
    private final CRC32C checksum = new CRC32C();
    private final List<ByteBuffer> full = new ArrayList<>(2);
    private ByteBuffer chunk = ByteBuffer.allocate(FIRST_CHUNK);
    private @Nullable BodyFile spilled;
    private long length;

    BodyWriter(Bodies bodies, Path file) {
        this.bodies = bodies;
        this.file = file;
    }

    /// Copies what remains in `bytes`.
    ///
    /// @throws IOException when what came before could not be written to the body's own file: answer 452 and [#discard]
    public void write(ByteBuffer bytes) throws IOException {
        length += bytes.remaining();
        checksum.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            if (!chunk.hasRemaining()) {
                nextChunk();
            }
            int count = Math.min(chunk.remaining(), bytes.remaining());
            chunk.put(chunk.position(), bytes, bytes.position(), count);
            chunk.position(chunk.position() + count);
            bytes.position(bytes.position() + count);
        }
        if (spilled == null && length > IN_MEMORY) {
            spilled = bodies.file(file);
            spill();
        }
    }

    /// True when so much waits for the disk that no more should be brought.
    ///
    /// @param again then run once, on a thread of the spool's, when more may be
    public boolean isBehind(Runnable again) {
        return spilled != null && spilled.isBehind(again);
    }

    /// Blocks while so much waits for the disk: not on an event loop.
    ///
    /// @throws IOException as [#write]
    public void awaitRoom() throws IOException {
        if (spilled != null) {
            spilled.awaitRoom();
        }
    }

    public long length() {
        return length;
    }

    /// @throws IOException when a large body could not be written so far; of what is still on its way [Spool#store] tells
    public Body finish() throws IOException {
        int sum = (int) checksum.getValue();
        if (spilled != null) {
            spill();
            return new Body.InFile(file, length, sum, Optional.of(spilled));
        }
        full.add(fitted(chunk.flip()));
        return new Body.InMemory(full.stream().map(ByteBuffer::asReadOnlyBuffer).toList(), length, sum);
    }

    /// A body is counted by its length: a short one must not hold a long buffer while it waits.
    private static ByteBuffer fitted(ByteBuffer last) {
        return last.remaining() > last.capacity() / 4 * 3 ? last : ByteBuffer.allocate(last.remaining()).put(last).flip();
    }

    /// Frees what the body held; harmless after an error.
    public void discard() {
        full.clear();
        chunk = ByteBuffer.allocate(0);
        if (spilled != null) {
            bodies.giveUp(spilled, file);
        }
    }

    private void nextChunk() throws IOException {
        if (spilled != null) {
            spill();
            return;
        }
        full.add(chunk.flip());
        chunk = ByteBuffer.allocate(CHUNK);
    }

    private void spill() throws IOException {
        if (bodies.refusing()) {
            throw new IOException("the disk is full");
        }
        BodyFile out = java.util.Objects.requireNonNull(spilled);
        for (ByteBuffer waiting : full) {
            out.append(waiting);
        }
        full.clear();
        out.append(chunk.flip());
        chunk = ByteBuffer.allocate(CHUNK);
    }
}
