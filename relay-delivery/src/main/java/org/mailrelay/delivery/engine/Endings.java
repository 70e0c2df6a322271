package org.mailrelay.delivery.engine;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Ends all mail of a destination that is not to be tried: it goes nowhere, or is to be dropped. There may be a million of it, each to be read and reported on: some
/// at a time, no faster than the disk takes it. Guarded by the engine's lock.
final class Endings {

    /// Messages at a time under the lock.
    private static final int SLICE = 64;

    private record Ending(Destination destination, Consumer<Item> end) {}

    private final EngineState state;
    private final Consumer<Destination> ended;
    private final ArrayDeque<Ending> turns = new ArrayDeque<>();
    private boolean running;

    /// @param ended told of a destination of which nothing is left
    Endings(EngineState state, Consumer<Destination> ended) {
        this.state = state;
        this.ended = ended;
    }

    /// Few are ended at once. Until the last the destination is not planned again.
    ///
    /// @param end settles one that is taken out of the queue
    void begin(Destination destination, Consumer<Item> end) {
        Ending ending = new Ending(destination, end);
        if (goOn(ending)) {
            turns.add(ending);
            if (!running) {
                running = true;
                state.settling++;
                start();
            }
        }
    }

    private void start() {
        Thread.ofVirtual().name("endings").start(this::run);
    }

    private void run() {
        try {
            while (state.reading(this::step)) {
                while (state.reading(state::isBusy)) {
                    LockSupport.parkNanos(EngineState.BREATH_NANOS);
                }
            }
        } catch (RuntimeException bug) {
            start();   // ends this thread, and the mail of no other destination
            throw bug;
        }
    }

    /// @return false when nothing is left to do, or the engine is to stop: then it is all done at the next start
    private boolean step() {
        @Nullable Ending next = state.stopping ? null : turns.poll();
        if (next == null) {
            running = false;
            state.settling--;
            state.signal();
            return false;
        }
        if (goOn(next)) {
            turns.add(next);
        }
        return true;
    }

    /// @return whether some are left
    private boolean goOn(Ending ending) {
        Destination destination = ending.destination();
        for (int i = 0; i < SLICE; i++) {
            Item item = destination.ready.poll();
            if (item == null) {
                state.become(destination, Destination.State.IDLE);
                ended.accept(destination);
                return false;
            }
            state.become(item, Item.Phase.UNDER_WAY);
            ending.end().accept(item);
        }
        return true;
    }
}
