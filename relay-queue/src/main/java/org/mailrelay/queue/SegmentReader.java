package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a segment's records in order, past whatever is damaged.
final class SegmentReader {

    private static final int WINDOW = 1 << 20;

    private final Disk.DiskFile file;
    private final String name;
    private final SpoolListener problems;
    private ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowStart;

    SegmentReader(Disk.DiskFile file, String name, SpoolListener problems) {
        this.file = file;
        this.name = name;
        this.problems = problems;
    }

    /// @param length of the whole record, header included
    interface Visitor {
        void record(Record record, long offset, int length);
    }

    /// Damage costs only what is damaged: after it the next sound record is looked for, octet by octet. A torn end (nothing sound
    /// behind it) is what a crash leaves, and is no problem to report.
    void readAll(Visitor visitor) throws IOException {
        long size = file.size();
        long at = 0;
        long damagedFrom = -1;
        while (at < size) {
            Record record = recordAt(at, size);
            if (record == null) {
                damagedFrom = damagedFrom < 0 ? at : damagedFrom;
                at = nextMagic(at + 1, size);
                continue;
            }
            if (damagedFrom >= 0) {
                problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, damagedFrom, (at - damagedFrom) + " octets are damaged and left out"));
                damagedFrom = -1;
            }
            int length = RecordCodec.HEADER + payloadLength(at);
            visitor.record(record, at, length);
            at += length;
        }
    }

    private int payloadLength(long at) throws IOException {
        load(at, RecordCodec.HEADER);
        return window.getInt((int) (at - windowStart) + 5);
    }

    private @org.jspecify.annotations.Nullable Record recordAt(long at, long size) throws IOException {
        if (size - at < RecordCodec.HEADER) {
            return null;
        }
        load(at, RecordCodec.HEADER);
        int start = (int) (at - windowStart);
        int payload = window.getInt(start + 5);
        if (window.getInt(start) != RecordCodec.MAGIC || payload < 0 || payload > RecordCodec.MAX_PAYLOAD || payload > size - at - RecordCodec.HEADER) {
            return null;
        }
        load(at, RecordCodec.HEADER + payload);
        start = (int) (at - windowStart);
        if (window.getInt(start + 9) != RecordCodec.checksum(window, start, payload)) {
            return null;
        }
        try {
            ByteBuffer body = window.duplicate().position(start + RecordCodec.HEADER).limit(start + RecordCodec.HEADER + payload);
            return RecordCodec.decode(window.get(start + 4), body);
        } catch (IllegalArgumentException nonsense) {
            return null;
        }
    }

    private long nextMagic(long from, long size) throws IOException {
        for (long at = from; at <= size - 4; at++) {
            load(at, 4);
            if (window.getInt((int) (at - windowStart)) == RecordCodec.MAGIC) {
                return at;
            }
        }
        return size;
    }

    /// Brings `count` octets from `at` into the window.
    private void load(long at, int count) throws IOException {
        if (at >= windowStart && at + count <= windowStart + window.limit()) {
            return;
        }
        if (window.capacity() < count) {
            window = ByteBuffer.allocate(count);
        }
        window.clear();
        windowStart = at;
        while (window.position() < count) {
            int read = file.read(window, at + window.position());
            if (read < 0) {
                throw new IOException(name + " became shorter while it was read");
            }
        }
        window.flip();
    }
}
