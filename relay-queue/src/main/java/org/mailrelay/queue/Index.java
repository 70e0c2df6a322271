package org.mailrelay.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Mid;

/// All live messages by MID. Entries may be looked up by any thread; the writer thread alone enters and removes.
///
/// Open addressing over plain arrays of entries: no object but the [Entry] itself for a message. In parts, so that a part that grows
/// stops nobody for long, and readers rarely meet.
final class Index {

    private static final int PARTS = 64;

    private final Part[] parts = new Part[PARTS];
    private final Segments segments;
    private final AtomicLong memory = new AtomicLong();
    private final AtomicInteger size = new AtomicInteger();
    private final byte[] @Nullable [] lately = new byte[256][];

    Index(Segments segments) {
        this.segments = segments;
        Arrays.setAll(parts, _ -> new Part());
    }

    @Nullable Entry find(Mid mid) {
        return find(mid.value());
    }

    @Nullable Entry find(long mid) {
        return part(mid).find(mid);
    }

    /// All of them, in order of MID, at this moment.
    List<Entry> all() {
        List<Entry> all = new ArrayList<>(size.get());
        for (Part part : parts) {
            part.addTo(all);
        }
        all.sort(java.util.Comparator.comparingLong(entry -> entry.mid));
        return all;
    }

    /// All of them, in no order, at this moment.
    void forEach(Consumer<Entry> each) {
        for (Part part : parts) {
            List<Entry> some = new ArrayList<>();
            part.addTo(some);
            some.forEach(each);
        }
    }

    int size() {
        return size.get();
    }

    /// The writer thread's, and the start's.
    void change(Entry entry, List<StateChange> changes) {
        entry.change(changes, this::shared);
    }

    /// A million messages that an operator holds are all in one state.
    private byte[] shared(byte[] packed) {
        int slot = Arrays.hashCode(packed) & (lately.length - 1);
        byte[] known = lately[slot];
        if (known != null && Arrays.equals(known, packed)) {
            return known;
        }
        lately[slot] = packed;
        return packed;
    }

    Segments segments() {
        return segments;
    }

    /// Octets of bodies in memory.
    AtomicLong memory() {
        return memory;
    }

    void enter(Entry entry) {
        leave(entry.mid);
        part(entry.mid).put(entry);
        size.incrementAndGet();
        entry.segment().entered(entry);
    }

    /// @return false when it was not there
    boolean leave(long mid) {
        Entry entry = part(mid).remove(mid);
        if (entry == null) {
            return false;
        }
        size.decrementAndGet();
        memory.addAndGet(-entry.release());
        entry.segment().left(entry);
        segments.emptier(entry.segment());
        return true;
    }

    void move(Entry entry, Entry.Place to) {
        Segment from = entry.segment();
        from.left(entry);
        entry.moved(to);
        to.segment().entered(entry);
        to.segment().holdsCopiesOf(from);
        segments.emptier(from);
    }

    private Part part(long mid) {
        return parts[(int) (mix(mid) >>> 58)];
    }

    /// Numbers that rise by one spread over parts and slots alike.
    private static long mix(long mid) {
        return mid * 0x9E37_79B9_7F4A_7C15L;
    }

    private static final class Part {

        private @Nullable Entry[] slots = new Entry[16];
        private int used;

        synchronized @Nullable Entry find(long mid) {
            for (int at = slot(mid); ; at = next(at)) {
                Entry entry = slots[at];
                if (entry == null || entry.mid == mid) {
                    return entry;
                }
            }
        }

        synchronized void put(Entry entry) {
            if (++used * 4 > slots.length * 3) {
                grow();
            }
            place(entry);
        }

        synchronized @Nullable Entry remove(long mid) {
            int at = slot(mid);
            while (slots[at] != null && slots[at].mid != mid) {
                at = next(at);
            }
            Entry removed = slots[at];
            if (removed == null) {
                return null;
            }
            used--;
            slots[at] = null;
            // What follows without a gap may have been pushed on from here or before: it is placed anew.
            for (int behind = next(at); slots[behind] != null; behind = next(behind)) {
                Entry moved = slots[behind];
                slots[behind] = null;
                place(java.util.Objects.requireNonNull(moved));
            }
            return removed;
        }

        synchronized void addTo(List<Entry> all) {
            for (Entry entry : slots) {
                if (entry != null) {
                    all.add(entry);
                }
            }
        }

        private void grow() {
            @Nullable Entry[] before = slots;
            slots = new Entry[before.length * 2];
            for (Entry entry : before) {
                if (entry != null) {
                    place(entry);
                }
            }
        }

        private void place(Entry entry) {
            int at = slot(entry.mid);
            while (slots[at] != null) {
                at = next(at);
            }
            slots[at] = entry;
        }

        private int slot(long mid) {
            return (int) (mix(mid) >>> 26) & (slots.length - 1);
        }

        private int next(int at) {
            return (at + 1) & (slots.length - 1);
        }
    }
}
