package org.mailrelay.delivery.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Mid;

/// All items by their message. In parts, so that neither growth nor a walk over all of it holds the engine's lock for long: a million messages cost some
/// eight octets each here. Guarded by the engine's lock, each part by itself.
final class MessageTable {

    static final int PARTS = 256;

    private final @Nullable Item[][] parts = new Item[PARTS][16];
    private final int[] items = new int[PARTS];
    private int messages;

    /// Of messages, not of items.
    int size() {
        return messages;
    }

    boolean contains(Mid mid) {
        return first(mid.value()) != null;
    }

    private @Nullable Item first(long mid) {
        for (Item item = slot(mid); item != null; item = item.inTable) {
            if (item.mid == mid) {
                return item;
            }
        }
        return null;
    }

    private @Nullable Item slot(long mid) {
        @Nullable Item[] part = parts[part(mid)];
        return part[index(mid, part.length)];
    }

    /// MIDs come one after the other: their low bits are spread as well as can be.
    private static int part(long mid) {
        return (int) (mid & (PARTS - 1));
    }

    private static int index(long mid, int length) {
        return (int) (mid >>> 8 & (length - 1));
    }

    void add(Item item) {
        messages += contains(item.mid()) ? 0 : 1;
        int number = part(item.mid);
        if (items[number]++ >= parts[number].length) {
            parts[number] = grown(parts[number]);
        }
        put(parts[number], item);
    }

    private static void put(@Nullable Item[] part, Item item) {
        int index = index(item.mid, part.length);
        item.inTable = part[index];
        part[index] = item;
    }

    private static @Nullable Item[] grown(@Nullable Item[] part) {
        @Nullable Item[] larger = new Item[part.length * 2];
        for (Item head : part) {
            for (Item item = head; item != null;) {
                Item following = item.inTable;
                put(larger, item);
                item = following;
            }
        }
        return larger;
    }

    /// @return true when it was the message's last
    boolean remove(Item gone) {
        @Nullable Item[] part = parts[part(gone.mid)];
        int index = index(gone.mid, part.length);
        Item before = null;
        for (Item item = part[index]; item != null && item != gone; item = item.inTable) {
            before = item;
        }
        if (before == null) {
            part[index] = gone.inTable;
        } else {
            before.inTable = gone.inTable;
        }
        gone.inTable = null;
        items[part(gone.mid)]--;
        boolean last = first(gone.mid) == null;
        messages -= last ? 1 : 0;
        return last;
    }

    /// The items of one message.
    List<Item> of(long mid) {
        List<Item> found = new ArrayList<>(1);
        for (Item item = slot(mid); item != null; item = item.inTable) {
            if (item.mid == mid) {
                found.add(item);
            }
        }
        return found;
    }

    /// The items of one part.
    List<Item> part(int number) {
        List<Item> found = new ArrayList<>(items[number]);
        Arrays.stream(parts[number]).forEach(head -> {
            for (Item item = head; item != null; item = item.inTable) {
                found.add(item);
            }
        });
        return found;
    }
}
