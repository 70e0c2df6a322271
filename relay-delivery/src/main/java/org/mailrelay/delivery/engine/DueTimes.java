package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is due later, by the second; one timer for all of it. Guarded by the engine's lock.
final class DueTimes<T extends Linked<T>> {

    /// So many at a time under the lock: a hundred thousand that fall due together must not stop what is under way.
    private static final int SLICE = 256;

    private final EngineState state;
    private final Consumer<T> due;
    private final TreeMap<Integer, Chain<T>> seconds = new TreeMap<>();
    /// The second that the timer is set for.
    private int armed = Integer.MAX_VALUE;

    /// @param due called under the lock, at the second or after
    DueTimes(EngineState state, Consumer<T> due) {
        this.state = state;
        this.due = due;
    }

    /// Never before `delay` has passed, at most a second later.
    void add(T node, Duration delay) {
        node.due = (int) Math.min(Integer.MAX_VALUE, (state.tick() + Math.max(0, delay.toMillis()) + 999) / 1000);
        seconds.computeIfAbsent(node.due, _ -> new Chain<>()).addLast(node);
        arm();
    }

    private void arm() {
        Map.Entry<Integer, Chain<T>> first = seconds.firstEntry();
        while (first != null && first.getValue().isEmpty()) {
            seconds.remove(first.getKey());
            first = seconds.firstEntry();
        }
        if (first != null && first.getKey() < armed) {
            armed = first.getKey();
            state.parts.timer().after(Duration.ofMillis(Math.max(0, armed * 1000L - state.tick())), this::fire);
        }
    }

    private void fire() {
        boolean more = true;
        while (more) {
            more = state.reading(this::slice);
        }
    }

    private boolean slice() {
        for (int i = 0; i < SLICE; i++) {
            T node = next();
            if (node == null) {
                armed = Integer.MAX_VALUE;
                arm();
                return false;
            }
            see(node);
        }
        return true;
    }

    /// A bug in what one of them asks for is its own: the others have their time.
    private void see(T node) {
        try {
            due.accept(node);
        } catch (RuntimeException bug) {
            armed = Integer.MAX_VALUE;
            arm();
            throw bug;
        }
    }

    private @Nullable T next() {
        long now = state.tick();
        for (Map.Entry<Integer, Chain<T>> first = seconds.firstEntry(); first != null && first.getKey() * 1000L <= now; first = seconds.firstEntry()) {
            T node = first.getValue().poll();
            if (node != null) {
                return node;
            }
            seconds.remove(first.getKey());
        }
        return null;
    }
}
