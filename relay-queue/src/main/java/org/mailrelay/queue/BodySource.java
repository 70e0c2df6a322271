package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads one body from its beginning and checks it on the way. Not thread-safe; close it.
///
/// The final dot is the sender's to send, last, and only when [#intact] holds after the end: a damaged spool never becomes a
/// delivered message.
public final class BodySource implements AutoCloseable {

    private final long length;
    private final int checksum;
    private final @Nullable List<ByteBuffer> memory;
    private final Disk.@Nullable DiskFile file;
    private final @Nullable Segment segment;
    private final long start;
    private final CRC32C seen = new CRC32C();
    private long position;
    private boolean closed;

    private BodySource(long length, int checksum, @Nullable List<ByteBuffer> memory, Disk.@Nullable DiskFile file, long start, @Nullable Segment segment) {
        this.length = length;
        this.checksum = checksum;
        this.memory = memory;
        this.file = file;
        this.start = start;
        this.segment = segment;
    }

    static BodySource of(Body.InMemory body) {
        return new BodySource(body.length(), body.checksum(), body.chunks(), null, 0, null);
    }

    /// @param file closed with the source
    static BodySource of(Disk.DiskFile file, long length, int checksum) {
        return new BodySource(length, checksum, null, file, 0, null);
    }

    /// @param segment retained by the caller, released with the source
    static BodySource of(Segment segment, long start, long length, int checksum) {
        return new BodySource(length, checksum, null, segment.file(), start, segment);
    }

    /// Octets of the wire form.
    public long length() {
        return length;
    }

    /// All of the body, where it is in memory: it was checked when it arrived. Duplicate the buffers before use.
    public Optional<List<ByteBuffer>> inMemory() {
        return Optional.ofNullable(memory);
    }

    /// Reads on; may block on the disk, so not on an event loop unless [#inMemory] is there.
    ///
    /// @return the number of octets, -1 at the end
    /// @throws IOException also when the file ends early
    public int read(ByteBuffer into) throws IOException {
        if (position == length) {
            return -1;
        }
        int from = into.position();
        int most = (int) Math.min(into.remaining(), length - position);
        int count = memory != null ? readMemory(into, most) : readFile(into, most);
        seen.update(into.duplicate().position(from).limit(from + count));
        position += count;
        return count;
    }

    /// True when all was read and is what was stored.
    public boolean intact() {
        return position == length && (int) seen.getValue() == checksum;
    }

    private int readMemory(ByteBuffer into, int most) {
        long skip = position;
        for (ByteBuffer chunk : java.util.Objects.requireNonNull(memory)) {
            if (skip < chunk.remaining()) {
                ByteBuffer part = chunk.duplicate();
                part.position(part.position() + (int) skip);
                int count = Math.min(most, part.remaining());
                into.put(part.limit(part.position() + count));
                return count;
            }
            skip -= chunk.remaining();
        }
        throw new IllegalStateException("chunks shorter than " + length);
    }

    private int readFile(ByteBuffer into, int most) throws IOException {
        ByteBuffer part = into.duplicate().limit(into.position() + most);
        int count = java.util.Objects.requireNonNull(file).read(part, start + position);
        if (count <= 0) {
            throw new IOException("the body ends at " + position + " of " + length + " octets");
        }
        into.position(into.position() + count);
        return count;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (segment != null) {
            segment.release();
        } else if (file != null) {
            file.close();
        }
    }
}
