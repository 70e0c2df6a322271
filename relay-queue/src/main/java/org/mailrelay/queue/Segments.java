package org.mailrelay.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The segments there are, and which of them hold little or nothing any more. The writer thread's own, but for the counts.
final class Segments {

    private final TreeMap<Long, Segment> all = new TreeMap<>();
    /// Sealed, less than a quarter of it still mail.
    private final TreeSet<Segment> sparse = new TreeSet<>(Comparator.comparingLong(Segment::id));
    /// Sealed, no mail in it; still needed while its state records speak of a segment that exists.
    private final TreeSet<Segment> empty = new TreeSet<>(Comparator.comparingLong(Segment::id));
    private final List<Segment> leaving = new ArrayList<>();
    private boolean lookAgain;
    private volatile int count;

    void add(Segment segment) {
        all.put(segment.id(), segment);
        count = all.size();
    }

    void seal(Segment segment) {
        segment.seal();
        emptier(segment);
    }

    /// A segment holds less mail than before, or is sealed now.
    void emptier(Segment segment) {
        if (!segment.sealed() || leaving.contains(segment)) {
            return;
        }
        if (segment.empty()) {
            sparse.remove(segment);
            lookAgain |= empty.add(segment);
        } else if (segment.sparse()) {
            sparse.add(segment);
        }
    }

    /// What cannot be read is not compacted.
    void unreadable(Segment segment) {
        segment.damaged();
        sparse.remove(segment);
    }

    /// The oldest segment that is worth compacting.
    ///
    /// @param room octets; a segment with more mail than this is passed over
    Optional<Segment> sparse(long room) {
        for (Segment segment : sparse) {
            if (segment.liveBytes() <= room) {
                return Optional.of(segment);
            }
        }
        return Optional.empty();
    }

    /// Segments that hold nothing any more and whose state records speak of no segment that still exists: else finished mail would come
    /// back at the next start. They count as existing until [#gone].
    List<Segment> takeDeletable() {
        if (!lookAgain) {
            return List.of();
        }
        lookAgain = false;
        List<Segment> deletable = empty.stream().filter(segment -> segment.empty() && segment.speaksOf().stream().noneMatch(all::containsKey)).toList();
        deletable.forEach(empty::remove);
        leaving.addAll(deletable);
        return deletable;
    }

    /// It is durably deleted.
    void gone(Segment segment) {
        leaving.remove(segment);
        all.remove(segment.id());
        count = all.size();
        lookAgain = true;
    }

    List<Segment> all() {
        return List.copyOf(all.values());
    }

    /// Octets of all.
    long size() {
        long size = 0;
        for (Segment segment : all.values()) {
            size += segment.size();
        }
        return size;
    }

    /// Any thread may ask.
    int count() {
        return count;
    }
}
