package org.mailrelay.delivery.engine;

import org.jspecify.annotations.Nullable;

/// Stands in one [Chain] at a time, and costs no node of its own: there may be a million. Guarded by the engine's lock.
abstract sealed class Linked<T extends Linked<T>> permits Item, Destination, RateLimit {
    @Nullable T previous;
    @Nullable T next;
    @Nullable Chain<T> chain;
    /// By the clock of [EngineClock#tick], in whole seconds; while it stands in [DueTimes].
    int due;

    /// Leaves the chain it stands in, if any.
    void unlink() {
        if (chain != null) {
            chain.remove(self());
        }
    }

    abstract T self();
}
