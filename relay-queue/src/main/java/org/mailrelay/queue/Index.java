package org.mailrelay.queue;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.mailrelay.core.mail.Mid;

/// All live messages by MID, and the segments that hold them. Entries may be looked up by any thread; the writer thread alone changes it.
final class Index {

    private final Map<Mid, Entry> entries = new ConcurrentHashMap<>();
    private final TreeMap<Long, Segment> segments = new TreeMap<>();
    private final AtomicLong memory = new AtomicLong();

    Optional<Entry> find(Mid mid) {
        return Optional.ofNullable(entries.get(mid));
    }

    Collection<Entry> all() {
        return entries.values();
    }

    int size() {
        return entries.size();
    }

    /// Octets of bodies in memory.
    AtomicLong memory() {
        return memory;
    }

    void enter(Entry entry) {
        Entry earlier = entries.put(entry.mid, entry);
        if (earlier != null) {
            forget(earlier);
        }
        Entry.Place place = entry.place();
        place.segment().entered(place.recordLength());
    }

    void leave(Entry entry) {
        if (entries.remove(entry.mid, entry)) {
            forget(entry);
        }
    }

    private void forget(Entry entry) {
        memory.addAndGet(-entry.keep(null));
        Entry.Place place = entry.place();
        place.segment().left(place.recordLength());
    }

    void move(Entry entry, Entry.Place to) {
        Entry.Place from = entry.place();
        entry.moved(to);
        from.segment().left(from.recordLength());
        to.segment().entered(to.recordLength());
    }

    void add(Segment segment) {
        synchronized (segments) {
            segments.put(segment.id(), segment);
        }
    }

    /// Takes out the segments that hold nothing any more and whose state records speak of no segment that still exists.
    List<Segment> takeDeletable() {
        synchronized (segments) {
            List<Segment> deletable = segments.values().stream()
                    .filter(s -> s.sealed() && s.empty() && s.speaksOf().stream().noneMatch(segments::containsKey)).toList();
            deletable.forEach(s -> segments.remove(s.id()));
            return deletable;
        }
    }

    /// The oldest segment that is worth compacting.
    Optional<Segment> sparse() {
        synchronized (segments) {
            return segments.values().stream().filter(Segment::sparse).findFirst();
        }
    }

    List<Segment> segments() {
        synchronized (segments) {
            return List.copyOf(segments.values());
        }
    }
}
