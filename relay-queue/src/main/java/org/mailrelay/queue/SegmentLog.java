package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Mid;

/// The end of the log: the segment that is written, with what is put and not yet committed. The writer thread's own.
final class SegmentLog {

    private static final int BUFFER = 4 << 20;
    /// Octets copied in one compaction step, so that no group waits long for it.
    private static final int COMPACT_STEP = 1 << 20;

    private final Disk disk;
    private final long roll;
    private final SpoolFolder folder;
    private final Index index;
    private final SpoolListener problems;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final List<Moved> moved = new ArrayList<>();
    private @Nullable Segment current;
    private Record.@Nullable Reserved reserving;
    private @Nullable Numbers reservingFor;
    private boolean newSegment;
    private long nextId;
    private volatile long size;
    private volatile long syncs;
    private volatile long lastSyncNanos;

    private record Moved(Entry entry, Entry.Place to) {}

    /// @param roll octets; a new segment is begun past this
    SegmentLog(Disk disk, long roll, SpoolFolder folder, Index index, long lastSegment, SpoolListener problems) {
        this.disk = disk;
        this.roll = roll;
        this.folder = folder;
        this.index = index;
        this.nextId = lastSegment + 1;
        this.problems = problems;
        measure();
    }

    /// Opens a segment where none is open or the last is full, and reserves numbers where few are left.
    void begin(Numbers numbers) throws IOException {
        buffer.clear();
        moved.clear();
        if (current != null && current.full(roll)) {
            current.seal();
            current = null;
        }
        if (current == null) {
            current = Segment.create(disk, folder.path(), nextId++);
            index.add(current);
            newSegment = true;
        }
        if (newSegment || numbers.low()) {
            reserving = numbers.next();
            reservingFor = numbers;
            RecordCodec.putReserved(buffer, reserving);
        }
        compactStep();
    }

    void putAbandoned(Mid mid) throws IOException {
        room(64);
        RecordCodec.putAbandoned(buffer, mid);
    }

    void putChange(StateChange change) throws IOException {
        room(128 + (change.state() instanceof RecipientState.Waiting waiting ? 4 * waiting.reason().length() : 0));
        RecordCodec.putChange(buffer, change);
    }

    void speaksOf(Entry entry) {
        segment().speaksOf(entry.place().segment().id());
        entry.copies().forEach(segment()::speaksOf);
    }

    Entry putMessage(NewMessage message, List<RecipientState> states) throws IOException {
        Entry.Place place = put(message, states);
        return new Entry(message.mid(), place, message.body().length(), message.body().checksum(),
                message.body() instanceof Body.InFile own ? own.file() : null, states);
    }

    private Entry.Place put(NewMessage message, List<RecipientState> states) throws IOException {
        int bound = RecordCodec.bound(message, states.stream().mapToInt(SegmentLog::bound).sum());
        ByteBuffer out = buffer;
        if (bound > buffer.capacity()) {
            flush();
            out = ByteBuffer.allocate(bound);
        } else {
            room(bound);
        }
        long offset = segment().size() + out.position();
        int start = out.position();
        int bodyOffset = RecordCodec.putMessage(out, message, states);
        int length = out.position() - start;
        if (out != buffer) {
            segment().append(out.flip());
        }
        return new Entry.Place(segment(), offset, length, RecordCodec.HEADER + bodyOffset);
    }

    private static int bound(RecipientState state) {
        return state instanceof RecipientState.Waiting waiting ? 24 + 4 * waiting.reason().length() : 1;
    }

    /// Writes and syncs all that was put. A failure means that nothing of it counts.
    void commit() throws IOException {
        flush();
        long before = System.nanoTime();
        segment().sync();
        if (newSegment) {
            disk.syncFolder(folder.path());
            newSegment = false;
        }
        lastSyncNanos = System.nanoTime() - before;
        syncs++;
        if (reserving != null && reservingFor != null) {
            reservingFor.reserved(reserving);
            reserving = null;
        }
        moved.forEach(each -> {
            if (index.find(each.entry().mid).filter(each.entry()::equals).isPresent()) {
                index.move(each.entry(), each.to());
            }
        });
        moved.clear();
        measure();
    }

    /// Gives the segment up for good: what a failed write or sync left in it is never trusted.
    void abandonSegment() {
        if (current != null) {
            current.takeBack();
            current = null;
        }
        newSegment = false;
        reserving = null;
        moved.clear();
        measure();
    }

    /// Deletes segments that nothing needs any more.
    void reclaim(Index from) {
        List<Segment> deletable = from.takeDeletable();
        for (Segment segment : deletable) {
            try {
                segment.file().close();
                disk.delete(segment.path());
            } catch (IOException failed) {
                problems.problem(new SpoolProblem(SpoolProblem.Severity.WARNING, String.valueOf(segment.path().getFileName()), -1, "cannot be deleted: " + failed.getMessage()));
            }
        }
        if (!deletable.isEmpty()) {
            measure();
        }
    }

    /// Copies some messages out of the oldest sparse segment, so that it can be deleted.
    private void compactStep() throws IOException {
        Segment sparse = index.sparse().orElse(null);
        if (sparse == null) {
            return;
        }
        int copied = 0;
        for (Entry entry : index.all()) {
            Entry.Place place = entry.place();
            if (place.segment() != sparse || copied > COMPACT_STEP) {
                continue;
            }
            NewMessage copy;
            try {
                copy = MessageReader.read(entry);
            } catch (IOException damaged) {
                problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, String.valueOf(sparse.path().getFileName()), place.offset(), "MID " + entry.mid + ": " + damaged.getMessage()));
                continue;
            }
            moved.add(new Moved(entry, put(copy, entry.states())));
            copied += place.recordLength();
        }
    }

    private void room(int octets) throws IOException {
        if (buffer.remaining() < octets) {
            flush();
        }
    }

    private void flush() throws IOException {
        segment().append(buffer.flip());
        buffer.clear();
    }

    private Segment segment() {
        return java.util.Objects.requireNonNull(current, "begin() opens a segment");
    }

    private void measure() {
        size = index.segments().stream().mapToLong(Segment::size).sum();
    }

    /// Octets of all segments.
    long size() {
        return size;
    }

    long syncs() {
        return syncs;
    }

    long lastSyncNanos() {
        return lastSyncNanos;
    }

    String name() {
        return current == null ? "a new segment" : String.valueOf(current.path().getFileName());
    }

    /// An orderly end: the numbers really used are noted, so that the next start skips none.
    void close(Record.Reserved used) {
        try {
            if (current != null) {
                buffer.clear();
                RecordCodec.putReserved(buffer, used);
                flush();
                current.sync();
            }
        } catch (IOException failed) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.WARNING, name(), -1, "not closed in order: " + failed.getMessage()));
        }
        for (Segment segment : index.segments()) {
            try {
                segment.file().close();
            } catch (IOException _) {
                // All that counts was synced before it was acknowledged.
            }
        }
    }
}
