package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The end of the log: the segment that is written, with what is put and not yet committed. The writer thread's own.
final class SegmentLog {

    private static final int BUFFER = 4 << 20;
    /// Octets copied in one compaction step, so that no group waits long for it.
    private static final int COMPACT_STEP = 512 << 10;

    private final Disk disk;
    private final long roll;
    private final SpoolFolder folder;
    private final Index index;
    private final Segments segments;
    private final Keeper keeper;
    private final SpoolListener problems;
    private final Reasons reasons;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final List<Moved> moved = new ArrayList<>();
    private @Nullable Segment current;
    private Record.@Nullable Reserved reserving;
    private @Nullable Numbers reservingFor;
    private boolean newName;
    private boolean nextAsked;
    private long lastId;
    private long nextId;
    private volatile long size;
    private volatile long syncs;
    private volatile long lastSyncNanos;

    /// @param states that the copy's changes stand for
    private record Moved(Entry entry, Entry.Place to, List<StateChange> states) {}

    /// @param roll octets; a new segment is begun past this
    SegmentLog(Disk disk, long roll, SpoolFolder folder, Index index, long lastSegment, Keeper keeper, SpoolListener problems) {
        this.disk = disk;
        this.roll = roll;
        this.folder = folder;
        this.index = index;
        this.segments = index.segments();
        this.lastId = lastSegment;
        this.nextId = lastSegment + 1;
        this.keeper = keeper;
        this.problems = problems;
        this.reasons = new Reasons(index, problems);
        measure();
    }

    /// Opens a segment where none is open or the last is full, and reserves numbers where few are left.
    void begin(Numbers numbers) throws IOException {
        buffer.clear();
        moved.clear();
        boolean fresh = false;
        if (current != null && current.size() >= roll) {
            segments.seal(current);
            keeper.index(current);
            current = null;
        }
        if (current == null) {
            current = next();
            segments.add(current);
            fresh = true;
        }
        if (!nextAsked && current.size() >= roll / 2) {
            nextAsked = true;
            keeper.prepare(nextId++);
        }
        if (fresh || numbers.low()) {
            reserving = numbers.next();
            reservingFor = numbers;
            RecordCodec.putReserved(buffer, reserving);
        }
    }

    /// The one that was prepared, whose name is durable already; else a new one.
    private Segment next() throws IOException {
        nextAsked = false;
        Optional<Segment> ready = keeper.takePrepared(lastId);
        Segment next = ready.isPresent() ? ready.get() : Segment.create(disk, folder.path(), nextId++);
        newName = ready.isEmpty();
        lastId = next.id();
        return next;
    }

    /// @param among the segment that may hold the record of the message that was refused
    void putAbandoned(long mid, long among) throws IOException {
        room(64);
        RecordCodec.putAbandoned(buffer, mid);
        segment().speaksOf(among);
    }

    /// @return the same as the index keeps it once this group is durable
    StateChange putChange(StateChange change) throws IOException {
        Entry entry = index.find(change.mid());
        if (entry == null) {
            return change;
        }
        segment().speaksOf(entry.segment());
        RecipientState state = reasons.inWords(change);
        StateChange whole = state == change.state() ? change : new StateChange(change.mid(), change.recipient(), state);
        room(64 + RecordCodec.bound(whole.state()));
        int offset = end(buffer);
        RecordCodec.putChange(buffer, whole);
        return whole.recordedAt(segment().id(), offset);
    }

    Entry putMessage(NewMessage message, List<RecipientState> states) throws IOException {
        int bound = RecordCodec.bound(message, states.stream().mapToInt(RecordCodec::bound).sum());
        ByteBuffer out = buffer;
        if (bound > buffer.capacity()) {
            flush();
            out = ByteBuffer.allocate(bound);
        } else {
            room(bound);
        }
        int start = out.position();
        int offset = end(out);
        int head = RecordCodec.putMessage(out, message, states);
        int length = out.position() - start;
        if (out != buffer) {
            segment().append(out.flip());
        }
        return new Entry(message.mid().value(), new Entry.Place(segment(), offset, length, head), states.size(), null,
                message.body() instanceof Body.InFile own ? own.synced() : null, -1);
    }

    /// Writes and syncs all that was put. A failure means that nothing of it counts.
    void commit() throws IOException {
        flush();
        long before = System.nanoTime();
        segment().sync();
        if (newName) {
            disk.syncFolder(folder.path());
            newName = false;
        }
        lastSyncNanos = System.nanoTime() - before;
        syncs++;
        if (reserving != null && reservingFor != null) {
            reservingFor.reserved(reserving);
            reserving = null;
        }
        for (Moved each : moved) {
            index.move(each.entry(), each.to());
            if (!each.states().isEmpty()) {
                index.change(each.entry(), each.states());
            }
        }
        moved.clear();
        measure();
    }

    /// Gives the segment up for good: what a failed write or sync left in it is never trusted.
    ///
    /// @return its number; 0 when none was open
    long abandonSegment() {
        Segment failed = current;
        current = null;
        newName = false;
        reserving = null;
        if (failed != null) {
            moved.forEach(each -> each.entry().segment().holdsCopiesOf(failed));
            failed.takeBack();
            segments.seal(failed);
        }
        moved.clear();
        measure();
        return failed == null ? 0 : failed.id();
    }

    /// Hands over to deletion the segments that nothing needs any more.
    void reclaim() {
        List<Segment> deletable = segments.takeDeletable();
        if (!deletable.isEmpty()) {
            keeper.delete(deletable);
        }
    }

    void gone(List<Segment> deleted) {
        deleted.forEach(segments::gone);
        measure();
    }

    /// Whether a [#compact] would do something.
    ///
    /// @param room octets; a segment with more mail than this is left alone
    boolean compactable(long room) {
        return compactee(room).isPresent();
    }

    private Optional<Segment> compactee(long room) {
        return segments.sparse(room).or(() -> segments.hindrance(room, roll));
    }

    /// Copies some messages out of such a segment, so that it can be deleted: each record as it stands, then what has changed
    /// since. A start that finds the copy without the changes still finds the old record with all that was said of it.
    ///
    /// @param room octets; a segment with more mail than this is left alone
    void compact(long room) throws IOException {
        Segment sparse = compactee(room).orElse(null);
        if (sparse == null) {
            return;
        }
        int copied = 0;
        for (Entry entry = sparse.first(); entry != null && copied <= COMPACT_STEP; entry = entry.next) {
            ByteBuffer record;
            try {
                record = MessageReader.whole(entry);
            } catch (IOException damaged) {
                segments.unreadable(sparse);
                problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, sparse.name(), entry.place().offset(), "MID " + entry.mid + ": " + damaged.getMessage()));
                return;
            }
            moved.add(copy(entry, record));
            copied += entry.length();
        }
    }

    private Moved copy(Entry entry, ByteBuffer record) throws IOException {
        room(record.remaining());
        Entry.Place to = new Entry.Place(segment(), end(buffer), record.remaining(), entry.place().head());
        if (record.remaining() > buffer.capacity()) {
            segment().append(record);
        } else {
            buffer.put(record);
        }
        List<StateChange> changes = new ArrayList<>();
        @Nullable RecipientState[] states = States.unpacked(entry.states(), entry.recipients);
        for (int i = 0; i < states.length; i++) {
            RecipientState state = states[i];
            if (state != null) {
                changes.add(putChange(new StateChange(entry.number(), i, state)));
            }
        }
        return new Moved(entry, to, changes);
    }

    /// Where in the segment the next octet of `out` will stand.
    private int end(ByteBuffer out) {
        return Math.toIntExact(segment().size() + out.position());
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
        size = segments.size();
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
        return current == null ? "a new segment" : current.name();
    }

    /// The segment that was written last; null when none was.
    @Nullable Segment last() {
        return current;
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
    }
}
