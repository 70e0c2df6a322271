package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.function.ObjLongConsumer;

/// Who gets to what is ready. A connection that is quick takes the next message behind the end of the last, in one group with it (RFC 2920 §3.1), which costs
/// both sides half of what a connection of its own costs; so where connections are quick some messages wait for them, but none for long. Under the lock.
final class Carriers {

    /// A message may wait so long for a connection that is busy.
    private static final Duration PATIENCE = Duration.ofMillis(10);
    private static final int DEEPEST = 8;
    /// A new transaction's share of the average.
    private static final int WEIGHT = 8;

    private final EngineState state;
    private final ObjLongConsumer<Destination> late;

    /// @param late told of a destination where so many messages have waited for longer than they should
    Carriers(EngineState state, ObjLongConsumer<Destination> late) {
        this.state = state;
        this.late = late;
    }

    /// Messages that a connection gets through while one may wait; 0 for hosts that are slow or not known.
    static int depth(Destination destination) {
        return destination.pace == 0 ? 0 : (int) Math.min(DEEPEST, PATIENCE.toNanos() / destination.pace);
    }

    /// How many of the ready messages nobody will get to in time: those that are woken or come up carry one and more, those that are busy some when they are done.
    static long uncovered(Destination destination) {
        int depth = depth(destination);
        int woken = 0;
        int idle = 0;
        for (ConnectionSource each : destination.idle) {
            if (!each.isBeside()) {
                idle++;
                woken += each.woken() ? 1 : 0;
            }
        }
        int opening = destination.opening;
        int live = destination.live();
        if (destination.beside > 0) {
            for (ConnectionSource each : destination.sources) {
                if (each.isBeside()) {
                    opening -= each.isOpening() ? 1 : 0;
                    live -= each.isOpening() ? 0 : 1;
                }
            }
        }
        return destination.ready.size() - woken * (1L + depth) - opening - (long) (live - idle) * depth;
    }

    /// A transaction took so long; the average decides how many messages may wait for a connection.
    void took(Destination destination, Instant since) {
        long nanos = Duration.between(since, state.now()).toNanos();
        if (nanos > 0) {
            destination.pace = destination.pace == 0 ? nanos : Math.max(1, destination.pace + (nanos - destination.pace) / WEIGHT);
        }
    }

    /// Those that are left to busy connections are looked after: what one of them is held up with must not hold up others.
    void watch(Destination destination) {
        if (destination.watched || destination.ready.isEmpty() || depth(destination) == 0) {
            return;
        }
        destination.watched = true;
        long expected = destination.taken + destination.ready.size();
        state.parts.timer().after(PATIENCE, () -> state.locked(() -> {
            destination.watched = false;
            // Either some have waited, or the host has become slow meanwhile and fewer may wait than were left to its connections.
            long left = Math.max(expected - destination.taken, uncovered(destination));
            if (left > 0 && !destination.ready.isEmpty()) {
                late.accept(destination, left);
            }
            watch(destination);
        }));
    }
}
