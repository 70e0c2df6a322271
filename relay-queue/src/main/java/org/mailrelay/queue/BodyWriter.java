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
/// Not thread-safe: one connection's event loop owns it. [#finish] hands the body on; [#discard] gives it up.
public final class BodyWriter {

    /// Octets; a body longer than this streams to a file, so that it is never whole in memory.
    static final int IN_MEMORY = 256 * 1024;
    private static final int FIRST_CHUNK = 12 * 1024;
    private static final int CHUNK = 64 * 1024;

    private final Bodies bodies;
    private final Disk disk;
    private final Path file;
    private final CRC32C checksum = new CRC32C();
    private final List<ByteBuffer> full = new ArrayList<>(2);
    private ByteBuffer chunk = ByteBuffer.allocate(FIRST_CHUNK);
    private Disk.@Nullable DiskFile spilled;
    private long length;

    BodyWriter(Bodies bodies, Disk disk, Path file) {
        this.bodies = bodies;
        this.disk = disk;
        this.file = file;
    }

    /// Copies what remains in `bytes`.
    ///
    /// @throws IOException when the body's own file cannot be written: answer 452 and [#discard]
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
            spilled = disk.create(file);
            spill();
        }
    }

    public long length() {
        return length;
    }

    /// @throws IOException when the rest of a large body cannot be written
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
            try {
                spilled.close();
                disk.delete(file);
            } catch (IOException _) {
                // An orphan: the next start removes bodies that no message names.
            }
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
        Disk.DiskFile out = java.util.Objects.requireNonNull(spilled);
        for (ByteBuffer waiting : full) {
            out.append(waiting);
        }
        full.clear();
        out.append(chunk.flip());
        chunk.clear();
    }
}
