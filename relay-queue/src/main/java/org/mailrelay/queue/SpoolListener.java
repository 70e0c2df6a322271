package org.mailrelay.queue;

/// Who is told how the spool fares. Called on the thread where it happens, the writer's above all: hand over and return, throw nothing.
@FunctionalInterface
public interface SpoolListener {

    /// Damage found, or a failure.
    void problem(SpoolProblem problem);

    /// A group is on stable storage.
    ///
    /// @param nanos      how long the sync took
    /// @param operations stores and state changes that this sync covered
    default void synced(long nanos, int operations) {
    }
}
