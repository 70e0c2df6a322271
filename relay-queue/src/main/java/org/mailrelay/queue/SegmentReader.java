package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads a segment's records in order, past whatever is damaged.
final class SegmentReader {

    private static final int WINDOW = 1 << 20;

    private final Disk.DiskFile file;
    private final String name;
    private final SpoolListener problems;
    private final Window window;

    SegmentReader(Disk.DiskFile file, String name, SpoolListener problems) {
        this.file = file;
        this.name = name;
        this.problems = problems;
        this.window = new Window(file, name, WINDOW);
    }

    /// @param payload valid during the call
    /// @param length  of the whole record, header included
    interface Visitor {
        void record(Record record, ByteBuffer payload, byte type, long offset, int length) throws IOException;
    }

    /// Damage costs only what is damaged: after it the next sound record is looked for, octet by octet. An end that makes no whole record
    /// is what a crash leaves, and worth a warning only.
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
                problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, damagedFrom, damage(damagedFrom, at, size)));
                damagedFrom = -1;
            }
            ByteBuffer header = window.at(at, RecordCodec.HEADER);
            byte type = header.get(header.position() + 4);
            int payload = header.getInt(header.position() + 5);
            visitor.record(record, window.at(at + RecordCodec.HEADER, payload), type, at, RecordCodec.HEADER + payload);
            at += RecordCodec.HEADER + payload;
        }
        if (damagedFrom >= 0) {
            boolean whole = payloadAt(damagedFrom, size) >= 0;
            problems.problem(whole
                    ? new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, damagedFrom, damage(damagedFrom, size, size))
                    : new SpoolProblem(SpoolProblem.Severity.WARNING, name, damagedFrom, "the last " + (size - damagedFrom) + " octets make no whole record: what a crash cuts off was not acknowledged"));
        }
    }

    /// Says whose message it is where the head of the record can still be read.
    private String damage(long from, long to, long size) throws IOException {
        String octets = (to - from) + " octets are damaged and left out";
        return headAt(from, size) instanceof Record.Message message ? "MID " + message.mid() + ": " + octets : octets;
    }

    private @Nullable Record recordAt(long at, long size) throws IOException {
        int payload = payloadAt(at, size);
        if (payload < 0) {
            return null;
        }
        ByteBuffer record = window.at(at, RecordCodec.HEADER + payload);
        return RecordCodec.soundOrNull(record, true);
    }

    private @Nullable Record headAt(long at, long size) throws IOException {
        int payload = payloadAt(at, size);
        return payload < 0 ? null : RecordCodec.soundOrNull(window.at(at, RecordCodec.HEADER + payload), false);
    }

    /// @return octets of payload, -1 when no record begins here or it does not end in the file
    private int payloadAt(long at, long size) throws IOException {
        if (size - at < RecordCodec.HEADER) {
            return -1;
        }
        ByteBuffer header = window.at(at, RecordCodec.HEADER);
        int payload = header.getInt(header.position() + 5);
        boolean possible = header.getInt() == RecordCodec.MAGIC && payload >= 0 && payload <= RecordCodec.MAX_PAYLOAD && payload <= size - at - RecordCodec.HEADER;
        return possible ? payload : -1;
    }

    private long nextMagic(long from, long size) throws IOException {
        for (long at = from; at <= size - 4; at += 4096) {
            int count = (int) Math.min(4096 + 3, size - at);
            ByteBuffer part = window.at(at, count);
            for (int i = part.position(); i <= part.limit() - 4; i++) {
                if (part.get(i) == (byte) (RecordCodec.MAGIC >>> 24) && part.getInt(i) == RecordCodec.MAGIC) {
                    return at + i - part.position();
                }
            }
        }
        return size;
    }
}
