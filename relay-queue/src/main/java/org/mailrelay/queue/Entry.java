package org.mailrelay.queue;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Mid;

/// What the index holds of one message in memory: where its record stands and how its recipients stand.
///
/// The writer thread changes it; readers take the fields under this object's monitor.
final class Entry {

    final Mid mid;
    private Segment segment;
    private long offset;
    private int recordLength;
    private int bodyOffset;
    final long bodyLength;
    final int bodyChecksum;
    final @Nullable Path bodyFile;
    private final RecipientState[] states;
    private List<Long> copies = List.of();
    private @Nullable Body memory;

    /// @param bodyOffset of an inline body, octets from the record's start
    record Place(Segment segment, long offset, int recordLength, int bodyOffset) {}

    Entry(Mid mid, Place place, long bodyLength, int bodyChecksum, @Nullable Path bodyFile, List<RecipientState> states) {
        this.mid = mid;
        this.segment = place.segment();
        this.offset = place.offset();
        this.recordLength = place.recordLength();
        this.bodyOffset = place.bodyOffset();
        this.bodyLength = bodyLength;
        this.bodyChecksum = bodyChecksum;
        this.bodyFile = bodyFile;
        this.states = states.toArray(RecipientState[]::new);
    }

    synchronized Place place() {
        return new Place(segment, offset, recordLength, bodyOffset);
    }

    /// A compacted copy is durable; the old record may still be found at the next start.
    synchronized void moved(Place to) {
        copies = java.util.stream.Stream.concat(copies.stream(), java.util.stream.Stream.of(segment.id())).toList();
        segment = to.segment();
        offset = to.offset();
        recordLength = to.recordLength();
        bodyOffset = to.bodyOffset();
    }

    /// Segments beside the present one that may hold a record of this message.
    synchronized List<Long> copies() {
        return copies;
    }

    synchronized List<RecipientState> states() {
        return List.of(states);
    }

    /// @return true when this recipient was waiting until now: a final state stays
    synchronized boolean change(int recipient, RecipientState state) {
        if (recipient < 0 || recipient >= states.length || states[recipient].isFinal()) {
            return false;
        }
        states[recipient] = state;
        return true;
    }

    synchronized boolean finished() {
        for (RecipientState state : states) {
            if (!state.isFinal()) {
                return false;
            }
        }
        return true;
    }

    synchronized @Nullable Body memory() {
        return memory;
    }

    /// @return octets that are kept in memory no longer
    synchronized long keep(@Nullable Body body) {
        long freed = memory == null ? 0 : memory.length();
        memory = body;
        return freed;
    }
}
