package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One file of the log. Only the writer thread changes it; any thread may read from it while it [#retain]s it or finds a message in it.
final class Segment {

    private static final String PREFIX = "segment-";
    private static final String SUFFIX = ".log";

    private final long id;
    private final Path path;
    private final Disk.DiskFile file;
    private long size;
    private long durable;
    private int live;
    private long liveBytes;
    private @Nullable Entry first;
    private @Nullable Entry last;
    private boolean sealed;
    private volatile boolean damaged;
    private int readers;
    private boolean closing;
    /// Segments that hold messages of which a state record here speaks: while one of them exists this one has to stay, or finished
    /// mail would come back at the next start.
    private final Set<Long> speaksOf = new HashSet<>();
    /// Segments that may hold another record of a message here: one that was compacted from there, or whose copy to there failed.
    private final Set<Long> kin = new HashSet<>();

    Segment(long id, Path path, Disk.DiskFile file, long size) {
        this.id = id;
        this.path = path;
        this.file = file;
        this.size = size;
        this.durable = size;
    }

    static Segment create(Disk disk, Path folder, long id) throws IOException {
        Path path = folder.resolve(name(id));
        return new Segment(id, path, disk.create(path), 0);
    }

    static String name(long id) {
        return PREFIX + "%016x".formatted(id) + SUFFIX;
    }

    static boolean isName(String file) {
        return file.length() == PREFIX.length() + 16 + SUFFIX.length() && file.startsWith(PREFIX) && file.endsWith(SUFFIX)
                && file.substring(PREFIX.length(), PREFIX.length() + 16).chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    static long id(String file) {
        return Long.parseUnsignedLong(file, PREFIX.length(), PREFIX.length() + 16, 16);
    }

    String name() {
        return name(id);
    }

    void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        file.append(bytes);
        size += count;
    }

    void sync() throws IOException {
        file.sync();
        durable = size;
    }

    /// Takes back what was appended since the last sync, as far as the disk lets it.
    void takeBack() {
        size = durable;
        try {
            file.truncate(durable);
        } catch (IOException _) {
            // What may be left behind is named in an Abandoned record of the next segment.
        }
    }

    /// @throws IOException also when the file ends before `into` is full
    void read(ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int count = file.read(into, at);
            if (count < 0) {
                throw new IOException(name() + " ends at " + at);
            }
            at += count;
        }
    }

    /// Keeps the file open for one reader, even over its deletion.
    ///
    /// @return false when it is closed already: the message has moved, or is gone
    synchronized boolean retain() {
        if (closing) {
            return false;
        }
        readers++;
        return true;
    }

    synchronized void release() throws IOException {
        readers--;
        if (closing && readers == 0) {
            file.close();
        }
    }

    /// Once nobody reads from it any more.
    synchronized void close() throws IOException {
        closing = true;
        if (readers == 0) {
            file.close();
        }
    }

    void entered(Entry entry) {
        live++;
        liveBytes += entry.length();
        entry.previous = last;
        entry.next = null;
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
    }

    void left(Entry entry) {
        live--;
        liveBytes -= entry.length();
        Entry before = entry.previous;
        Entry behind = entry.next;
        if (before == null) {
            first = behind;
        } else {
            before.next = behind;
        }
        if (behind == null) {
            last = before;
        } else {
            behind.previous = before;
        }
        entry.previous = null;
        entry.next = null;
    }

    /// The first of its messages; [Entry#next] leads on.
    @Nullable Entry first() {
        return first;
    }

    /// A state record here is of a message there.
    void speaksOf(Segment segment) {
        speaksOf(segment.id);
        segment.kin.forEach(this::speaksOf);
    }

    void speaksOf(long segment) {
        if (segment != id) {
            speaksOf.add(segment);
        }
    }

    Set<Long> speaksOf() {
        return speaksOf;
    }

    void holdsCopiesOf(Segment from) {
        kin.add(from.id);
        kin.addAll(from.kin);
        kin.remove(id);
    }

    void seal() {
        sealed = true;
    }

    boolean sealed() {
        return sealed;
    }

    /// Something in it cannot be read: it is set aside where others are deleted.
    void damaged() {
        damaged = true;
    }

    boolean isDamaged() {
        return damaged;
    }

    boolean empty() {
        return live == 0;
    }

    /// Less than a quarter of it is still mail, and it can be read.
    boolean sparse() {
        return !damaged && live > 0 && liveBytes * 4 < size;
    }

    /// Octets of records of queued messages.
    long liveBytes() {
        return liveBytes;
    }

    long id() {
        return id;
    }

    long size() {
        return size;
    }

    Path path() {
        return path;
    }

    Disk.DiskFile file() {
        return file;
    }
}
