package org.mailrelay.queue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Mid;

/// What the index holds of one message in memory: where its record stands and how its recipients stand. Kept small: a queue may hold a
/// million of these.
///
/// The writer thread changes it; readers take the fields under this object's monitor. The links between a segment's entries are the
/// writer thread's alone.
final class Entry {

    final long mid;
    final int recipients;
    private int row;
    private Segment segment;
    private int offset;
    private int length;
    private int head;
    private byte @Nullable [] states;
    private @Nullable Body body;
    @Nullable Entry next;
    @Nullable Entry previous;

    /// @param offset octets from the segment's start
    /// @param length of the whole record
    /// @param head   octets from the record's start to an inline body, or to its end
    record Place(Segment segment, int offset, int length, int head) {}

    /// @param states as [States] packs them
    /// @param body   in a file of its own; null for one in the record
    /// @param row    where the index file of its segment has this message, octets from the start; -1 where none has
    Entry(long mid, Place place, int recipients, byte @Nullable [] states, @Nullable Body body, int row) {
        this.mid = mid;
        this.recipients = recipients;
        this.segment = place.segment();
        this.offset = place.offset();
        this.length = place.length();
        this.head = place.head();
        this.states = states;
        this.body = body;
        this.row = row;
    }

    Mid number() {
        return new Mid(mid);
    }

    synchronized Place place() {
        return new Place(segment, offset, length, head);
    }

    /// The writer thread's own view: it alone moves entries.
    Segment segment() {
        return segment;
    }

    int length() {
        return length;
    }

    /// A compacted copy is durable.
    synchronized void moved(Place to) {
        segment = to.segment();
        offset = to.offset();
        length = to.length();
        head = to.head();
        row = -1;
    }

    /// Ask for the place first: a row is of the segment where the message stood when it was not -1.
    synchronized int row() {
        return row;
    }

    /// An earlier record of the same message stood elsewhere: what was known of its recipients holds on.
    void inherit(Entry earlier) {
        states = states == null ? earlier.states : states;
    }

    synchronized byte @Nullable [] states() {
        return states;
    }

    /// A final state stays.
    ///
    /// @param shared gives an equal array that others have, too, where it knows one
    synchronized void change(List<StateChange> changes, UnaryOperator<byte[]> shared) {
        @Nullable RecipientState[] all = States.unpacked(states, recipients);
        for (StateChange change : changes) {
            int recipient = change.recipient();
            if (recipient >= 0 && recipient < recipients) {
                RecipientState now = all[recipient];
                if (now == null || !now.isFinal()) {
                    all[recipient] = States.orAsRecorded(change.state());
                }
            }
        }
        byte @Nullable [] packed = States.packed(all);
        states = packed == null ? null : shared.apply(packed);
    }

    synchronized boolean finished() {
        return States.finished(states, recipients);
    }

    /// In memory, or in a file of its own; null for one that stands in the record alone.
    synchronized @Nullable Body body() {
        return body;
    }

    /// Keeps a copy in memory for the first attempt.
    synchronized void keep(Body.InMemory copy) {
        body = copy;
    }

    /// @return octets that are kept in memory no longer
    synchronized long release() {
        if (body instanceof Body.InMemory kept) {
            body = null;
            return kept.length();
        }
        return 0;
    }
}
