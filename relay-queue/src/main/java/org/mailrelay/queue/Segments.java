package org.mailrelay.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The segments there are, and which of them hold little or nothing any more. The writer thread's own, but for the count and [#find].
final class Segments {

    private final ConcurrentSkipListMap<Long, Segment> all = new ConcurrentSkipListMap<>();
    /// Sealed, less than a quarter of it still mail.
    private final TreeSet<Segment> sparse = new TreeSet<>(Comparator.comparingLong(Segment::id));
    /// Sealed, no mail in it; still needed while its state records speak of a segment that exists.
    private final TreeSet<Segment> empty = new TreeSet<>(Comparator.comparingLong(Segment::id));
    private final List<Segment> leaving = new ArrayList<>();
    /// Octets of those.
    private long emptyOctets;
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
            if (empty.add(segment)) {
                emptyOctets += segment.size();
                lookAgain = true;
            }
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

    /// Mail that is tried again and again leaves segments behind that hold nothing but its states; each has to stay while the segment of one of its
    /// messages exists. Once there is more of that than mail in the segments that hold up the oldest, those are worth copying: with each message goes its
    /// newest state alone.
    ///
    /// @param room  octets; a segment with more mail than this is passed over
    /// @param least octets; less of it is left alone
    Optional<Segment> hindrance(long room, long least) {
        if (emptyOctets < least) {
            return Optional.empty();
        }
        List<Segment> hindering = empty.getFirst().speaksOf().stream().map(all::get).filter(segment -> segment != null && !segment.empty()).toList();
        boolean worth = hindering.stream().mapToLong(Segment::liveBytes).sum() <= emptyOctets;
        return worth ? hindering.stream().filter(segment -> segment.sealed() && !segment.isDamaged() && segment.liveBytes() <= room).findFirst() : Optional.empty();
    }

    /// Segments that hold nothing any more and whose state records speak of no segment that still exists: else finished mail would come
    /// back at the next start. They count as existing until [#gone].
    List<Segment> takeDeletable() {
        if (!lookAgain) {
            return List.of();
        }
        lookAgain = false;
        List<Segment> deletable = empty.stream().filter(segment -> segment.empty() && segment.speaksOf().stream().noneMatch(all::containsKey)).toList();
        deletable.forEach(segment -> {
            empty.remove(segment);
            emptyOctets -= segment.size();
        });
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

    /// Any thread may ask: [Segment#retain] it.
    @Nullable Segment find(long id) {
        return all.get(id);
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
