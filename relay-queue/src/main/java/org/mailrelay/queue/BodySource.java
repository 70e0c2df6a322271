package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads one body from its beginning and checks it on the way. Not thread-safe; close it.
///
/// A body that is not in memory is sought and opened with the first read: to get hold of a source costs no disk operation.
///
/// The final dot is the sender's to send, last, and only when [#intact] holds after the end: a damaged spool never becomes a
/// delivered message.
public final class BodySource implements AutoCloseable {

    private final long length;
    private final @Nullable List<ByteBuffer> memory;
    private final Opener opener;
    private final Damage damage;
    private final CRC32C seen = new CRC32C();
    private int checksum;
    private @Nullable Stored stored;
    private long position;
    private boolean closed;

    /// Finds the octets on the disk.
    interface Opener {
        Stored open() throws IOException;
    }

    /// Told when the octets are not those that were stored, or cannot be read.
    interface Damage {
        void found(String file, long offset, String detail);
    }

    /// An open place on the disk.
    ///
    /// @param start    octets from the beginning of the file
    /// @param checksum of the whole body
    /// @param release  gives the file back
    record Stored(String name, Disk.DiskFile file, long start, int checksum, Release release) {
        interface Release {
            void now() throws IOException;
        }
    }

    private BodySource(long length, int checksum, @Nullable List<ByteBuffer> memory, Opener opener, Damage damage) {
        this.length = length;
        this.checksum = checksum;
        this.memory = memory;
        this.opener = opener;
        this.damage = damage;
    }

    static BodySource of(Body.InMemory body) {
        return new BodySource(body.length(), body.checksum(), body.chunks(), () -> {
            throw new IllegalStateException("a body in memory is not opened");
        }, (_, _, _) -> { });
    }

    static BodySource of(long length, Opener opener, Damage damage) {
        return new BodySource(length, 0, null, opener, damage);
    }

    /// The same body from its beginning, to be read and closed apart from this one.
    public BodySource again() {
        return new BodySource(length, memory == null ? 0 : checksum, memory, opener, damage);
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
    /// @throws IOException also when the message has left the queue before the first read, and when the file ends early
    public int read(ByteBuffer into) throws IOException {
        if (position == length) {
            return -1;
        }
        int from = into.position();
        int most = (int) Math.min(into.remaining(), length - position);
        int count = memory != null ? readMemory(memory, into, most) : readFile(into, most);
        seen.update(into.duplicate().position(from).limit(from + count));
        position += count;
        if (position == length && !intact() && stored != null) {
            damage.found(stored.name(), stored.start(), "the body is not what was stored");
        }
        return count;
    }

    /// True when all was read and is what was stored.
    public boolean intact() {
        return position == length && (int) seen.getValue() == checksum;
    }

    private int readMemory(List<ByteBuffer> chunks, ByteBuffer into, int most) {
        long skip = position;
        for (ByteBuffer chunk : chunks) {
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
        Stored from = opened();
        ByteBuffer part = into.duplicate().limit(into.position() + most);
        int count;
        try {
            count = from.file().read(part, from.start() + position);
        } catch (IOException unreadable) {
            damage.found(from.name(), from.start() + position, "the body cannot be read: " + unreadable.getMessage());
            throw unreadable;
        }
        if (count <= 0) {
            String detail = "the body ends at " + position + " of " + length + " octets";
            damage.found(from.name(), from.start() + position, detail);
            throw new IOException(detail);
        }
        into.position(into.position() + count);
        return count;
    }

    private Stored opened() throws IOException {
        if (stored == null) {
            stored = opener.open();
            checksum = stored.checksum();
        }
        return Objects.requireNonNull(stored);
    }

    /// May close a file, as the last to read from it: not on an event loop once something was read.
    @Override
    public void close() throws IOException {
        if (!closed && stored != null) {
            stored.release().now();
        }
        closed = true;
    }
}
