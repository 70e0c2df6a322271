package org.mailrelay.delivery.engine;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/// Looks after many destinations soon, some at a time under the lock, on a virtual thread. Guarded by the engine's lock.
final class Turns {

    private static final int SLICE = 64;

    private final EngineState state;
    private final Consumer<Destination> look;
    private final ArrayDeque<Destination> waiting = new ArrayDeque<>();
    private boolean running;

    Turns(EngineState state, Consumer<Destination> look) {
        this.state = state;
        this.look = look;
    }

    void soon(Destination destination) {
        waiting.add(destination);
        if (!running) {
            begin();
        }
    }

    private void begin() {
        running = true;
        Thread.ofVirtual().name("delivery-turns").start(this::run);
    }

    private void run() {
        boolean more = true;
        while (more) {
            more = state.reading(this::slice);
        }
    }

    private boolean slice() {
        for (int i = 0; i < SLICE; i++) {
            Destination next = waiting.poll();
            if (next == null) {
                running = false;
                return false;
            }
            see(next);
        }
        return true;
    }

    /// A bug in one turn ends this thread, and no other turn.
    private void see(Destination next) {
        try {
            look.accept(next);
        } catch (RuntimeException bug) {
            begin();
            throw bug;
        }
    }
}
