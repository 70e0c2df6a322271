package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a start needs of a sealed segment, without its bodies, in a file beside it: `segment-….index`. A sealed segment does not change, so
/// its index stays true; one that is missing, torn, damaged or of another length of the segment is passed over, and the segment scanned.
///
/// Magic (8), rows, then a tail: octets of rows long, octets of the segment long, CRC-32C of all before int. A row is the type octet of its
/// record, then for a message MID long, offset, record length and head length int, recipients int, own file flag (with body length long and
/// body CRC-32C int), octets of packed states int and the states (0 for none), and the record's payload up to its body; for any other
/// record its offset int, the payload's octets int and the payload. Rows stand in the order of the segment's records.
final class IndexFile {

    private static final long MAGIC = 0x4D52_494E_4458_0002L;
    private static final int TAIL = 20;
    private static final int BUFFER = 1 << 18;
    private static final String SUFFIX = ".index";
    private static final String UNFINISHED = ".index.new";

    private IndexFile() {
    }

    static Path of(Path segment) {
        return named(segment, SUFFIX);
    }

    private static Path named(Path segment, String suffix) {
        String name = String.valueOf(segment.getFileName());
        return segment.resolveSibling(name.substring(0, name.lastIndexOf('.')) + suffix);
    }

    static boolean isIndex(Path file) {
        return String.valueOf(file.getFileName()).endsWith(SUFFIX);
    }

    /// What a crash left of an index, or of a segment's salvage.
    static boolean isUnfinished(String file) {
        return file.startsWith("segment-") && file.endsWith(".new");
    }

    /// An index whose segment is gone: a crash came between the two deletions.
    static boolean isOrphan(String file, java.util.Collection<String> present) {
        return file.endsWith(SUFFIX) && !present.contains(file.substring(0, file.length() - SUFFIX.length()) + ".log");
    }

    /// What stands in a segment, in its order, from its records or from its index.
    interface Visitor {
        void message(Entry entry);

        /// @param offset octets from the segment's start
        void other(Record record, int offset);
    }

    /// Writes the index of a sealed segment, durably, under a name of its own until it is whole.
    ///
    /// @return false when the segment is damaged: then every start is to scan it and say so
    static boolean write(Disk disk, Segment segment) throws IOException {
        Path unfinished = named(segment.path(), UNFINISHED);
        disk.delete(unfinished);
        boolean[] sound = {true};
        try (Disk.DiskFile file = disk.create(unfinished)) {
            Rows rows = new Rows(file);
            rows.room(8).putLong(MAGIC);
            SegmentReader reader = new SegmentReader(segment.file(), segment.name(), problem -> sound[0] &= !problem.isDamage());
            reader.readAll((record, payload, type, offset, length) -> rows.add(record, payload, type, offset, length));
            if (!sound[0]) {
                segment.damaged();
            } else {
                rows.finish(segment.file().size());
                file.sync();
            }
        }
        if (!sound[0]) {
            disk.delete(unfinished);
            return false;
        }
        disk.rename(unfinished, of(segment.path()));
        disk.syncFolder(java.util.Objects.requireNonNull(segment.path().getParent()));
        return true;
    }

    /// @return empty when there is no index or it does not fit the segment; nothing has been visited then
    static Optional<IndexFile.Rowed> open(Disk disk, Segment segment) {
        Disk.DiskFile file;
        try {
            file = disk.openForReading(of(segment.path()));
        } catch (IOException none) {
            return Optional.empty();
        }
        try {
            if (fits(file, segment.file().size())) {
                return Optional.of(new Rowed(file));
            }
            file.close();
        } catch (IOException unreadable) {
            // As good as missing: the segment itself is read.
        }
        return Optional.empty();
    }

    private static boolean fits(Disk.DiskFile file, long segmentSize) throws IOException {
        long size = file.size();
        if (size < 8 + TAIL) {
            return false;
        }
        Window window = new Window(file, "index", BUFFER);
        ByteBuffer tail = window.at(size - TAIL, TAIL);
        long rows = tail.getLong();
        long segment = tail.getLong();
        int checksum = tail.getInt();
        if (rows != size - 8 - TAIL || segment != segmentSize || window.at(0, 8).getLong() != MAGIC) {
            return false;
        }
        CRC32C crc = new CRC32C();
        for (long at = 0; at < size - 4; at += BUFFER) {
            crc.update(window.at(at, (int) Math.min(BUFFER, size - 4 - at)));
        }
        return (int) crc.getValue() == checksum;
    }

    /// An index whose checksum holds.
    record Rowed(Disk.DiskFile file) implements AutoCloseable {

        /// @throws IllegalArgumentException when a row makes no sense all the same
        void readAll(Segment segment, Path bodies, Visitor visitor) throws IOException {
            long end = file.size() - TAIL;
            Window window = new Window(file, "index", 1 << 20);
            long at = 8;
            while (at < end) {
                ByteBuffer start = window.at(at, (int) Math.min(64, end - at));
                byte type = start.get();
                if (!RecordCodec.isMessage(type)) {
                    int offset = start.getInt();
                    int octets = start.getInt();
                    visitor.other(RecordCodec.decode(type, window.at(at + 9, octets)), offset);
                    at += 9 + octets;
                    continue;
                }
                long mid = start.getLong();
                Entry.Place place = new Entry.Place(segment, start.getInt(), start.getInt(), start.getInt());
                int recipients = start.getInt();
                Body own = Fields.flag(start) ? new Body.InFile(bodies.resolve(Bodies.name(mid)), start.getLong(), start.getInt(), Optional.empty()) : null;
                byte[] states = new byte[start.getInt()];
                int fixed = start.position() - window.start(at);
                if (states.length > 0) {
                    window.at(at + fixed, states.length).get(states);
                }
                visitor.message(new Entry(mid, place, recipients, states.length == 0 ? null : states, own, Math.toIntExact(at)));
                at += fixed + states.length + place.head() - RecordCodec.HEADER;
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /// Reads the head of one message of an index that was sound when the spool was opened.
    static Record.Message head(Window window, int row) throws IOException {
        ByteBuffer start = window.at(row, 26);
        byte type = start.get();
        start.getLong();
        start.getInt();
        start.getInt();
        int head = start.getInt();
        start.getInt();
        long at = row + 26L + (Fields.flag(start) ? 12 : 0);
        int states = window.at(at, 4).getInt();
        return RecordCodec.decodeHead(type, window.at(at + 4 + states, head - RecordCodec.HEADER));
    }

    private static final class Rows {

        private final Disk.DiskFile file;
        private final CRC32C crc = new CRC32C();
        private ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        private long written;

        private Rows(Disk.DiskFile file) {
            this.file = file;
        }

        void add(Record record, ByteBuffer payload, byte type, long offset, int length) throws IOException {
            if (!(record instanceof Record.Message message)) {
                room(9 + payload.remaining()).put(type).putInt(Math.toIntExact(offset)).putInt(payload.remaining()).put(payload);
                return;
            }
            byte @Nullable [] states = message.packedStates();
            int head = message.head() - RecordCodec.HEADER;
            ByteBuffer out = room(64 + (states == null ? 0 : states.length) + head);
            out.put(type).putLong(message.mid().value()).putInt(Math.toIntExact(offset)).putInt(length).putInt(message.head()).putInt(message.states().size());
            Fields.putFlag(out, message.bodyFile().isPresent());
            if (message.bodyFile().isPresent()) {
                out.putLong(message.bodyLength()).putInt(message.bodyChecksum());
            }
            out.putInt(states == null ? 0 : states.length);
            if (states != null) {
                out.put(states);
            }
            out.put(payload.duplicate().limit(payload.position() + head));
        }

        private ByteBuffer room(int octets) throws IOException {
            if (buffer.remaining() < octets) {
                flush();
                if (buffer.capacity() < octets) {
                    buffer = ByteBuffer.allocate(octets);
                }
            }
            return buffer;
        }

        private void flush() throws IOException {
            buffer.flip();
            crc.update(buffer.duplicate());
            written += buffer.remaining();
            file.append(buffer);
            buffer.clear();
        }

        void finish(long segmentSize) throws IOException {
            flush();
            buffer.putLong(written - 8).putLong(segmentSize);
            crc.update(buffer.duplicate().flip());
            buffer.putInt((int) crc.getValue());
            file.append(buffer.flip());
        }
    }
}
