package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// One file of the log. Only the writer thread changes it; any thread may read from it until it is deleted.
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
    private boolean sealed;
    /// Segments that hold messages of which a state record here speaks: while one of them exists this one has to stay, or finished
    /// mail would come back at the next start.
    private final Set<Long> speaksOf = new HashSet<>();

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
        sealed = true;
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
                throw new IOException(path.getFileName() + " ends at " + at);
            }
            at += count;
        }
    }

    void entered(long bytes) {
        live++;
        liveBytes += bytes;
    }

    void left(long bytes) {
        live--;
        liveBytes -= bytes;
    }

    void speaksOf(long segment) {
        if (segment != id) {
            speaksOf.add(segment);
        }
    }

    Set<Long> speaksOf() {
        return speaksOf;
    }

    void seal() {
        sealed = true;
    }

    boolean sealed() {
        return sealed;
    }

    boolean full(long roll) {
        return size >= roll;
    }

    boolean empty() {
        return live == 0;
    }

    /// Less than a quarter of it is still mail.
    boolean sparse() {
        return sealed && live > 0 && liveBytes * 4 < size;
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
