package org.mailrelay.delivery.engine;

import java.util.ArrayList;
import java.util.List;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Replay;

/// Takes up what the spool holds at the start, some at a time under the lock, beside everything else: mail is accepted and delivered meanwhile, and the first
/// of a million messages does not wait for the last.
final class TakeUp {

    /// Messages at a time under the lock.
    private static final int SLICE = 64;

    private final EngineState state;
    private final Dispatch dispatch;

    TakeUp(EngineState state, Dispatch dispatch) {
        this.state = state;
        this.dispatch = dispatch;
    }

    /// Once, before anything new is queued.
    void begin() {
        Replay queue = state.parts.spool().replay();
        state.locked(() -> {
            state.takingUp = true;
            state.settling++;
        });
        Thread.ofPlatform().name("queue-take-up").start(() -> run(queue));
    }

    private void run(Replay queue) {
        try (queue) {
            List<QueuedMessage> slice = read(queue);
            while (!slice.isEmpty() && admitted(slice)) {
                slice = read(queue);
            }
        } finally {
            state.locked(() -> {
                state.takingUp = false;
                state.settling--;
                state.signal();
            });
        }
    }

    private static List<QueuedMessage> read(Replay queue) {
        List<QueuedMessage> slice = new ArrayList<>(SLICE);
        for (int i = 0; i < SLICE; i++) {
            queue.next().ifPresent(slice::add);
        }
        return slice;
    }

    /// @return false once the engine is to stop: what is left is taken up at the next start
    private boolean admitted(List<QueuedMessage> slice) {
        return state.reading(() -> {
            if (!state.stopping) {
                slice.forEach(dispatch::replayed);
            }
            return !state.stopping;
        });
    }
}
