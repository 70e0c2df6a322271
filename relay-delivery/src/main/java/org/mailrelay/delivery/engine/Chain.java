package org.mailrelay.delivery.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A queue whose members can leave from anywhere at once. Guarded by the engine's lock.
final class Chain<T extends Linked<T>> {

    private @Nullable T first;
    private @Nullable T last;
    private int size;
    /// Where a walk stands: the next that it comes to. It goes on with whoever joins at the end.
    private @Nullable T cursor;
    private boolean walked;

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return size;
    }

    @Nullable T peek() {
        return first;
    }

    void addLast(T node) {
        enter(node);
        if (walked && cursor == null) {
            cursor = node;
        }
        T before = last;
        node.previous = before;
        last = node;
        if (before == null) {
            first = node;
        } else {
            before.next = node;
        }
    }

    void addFirst(T node) {
        enter(node);
        T behind = first;
        node.next = behind;
        first = node;
        if (behind == null) {
            last = node;
        } else {
            behind.previous = node;
        }
    }

    private void enter(T node) {
        if (node.chain != null) {
            throw new IllegalStateException("in a chain already");
        }
        node.chain = this;
        size++;
    }

    @Nullable T poll() {
        T taken = first;
        if (taken != null) {
            remove(taken);
        }
        return taken;
    }

    void remove(T node) {
        if (node.chain != this) {
            throw new IllegalStateException("in another chain");
        }
        T before = node.previous;
        T behind = node.next;
        if (cursor == node) {
            cursor = behind;
        }
        if (before == null) {
            first = behind;
        } else {
            before.next = behind;
        }
        if (behind == null) {
            last = before;
        } else {
            behind.previous = before;
        }
        node.previous = null;
        node.next = null;
        node.chain = null;
        size--;
    }

    /// Begins a walk over all of it, in steps between which members may come and go; one at a time.
    void walk() {
        walked = true;
        cursor = first;
    }

    /// The next of the walk; null when there is none at present.
    @Nullable T step() {
        T at = cursor;
        if (at != null) {
            cursor = at.next;
        }
        return at;
    }

    /// The walk has not come to all of them.
    boolean walkPending() {
        return cursor != null;
    }

    /// The members at this moment, in order.
    List<T> all() {
        List<T> all = new ArrayList<>(size);
        for (T node = first; node != null; node = node.next) {
            all.add(node);
        }
        return all;
    }
}
