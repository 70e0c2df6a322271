package org.mailrelay.delivery.connection;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Who reads bodies that are not in memory, and how much of them may be in memory meanwhile: between its read and the moment when the
/// socket has taken it, a piece counts. Thread-safe.
///
/// The reads have threads of the system to themselves: a read that hangs in the disk would take a virtual thread's carrier with it, and
/// with a few of those all lookups stand still.
///
/// Plenty of room gives large pieces and one read ahead; the less there is left, the smaller they are. A connection that has nothing
/// on its way always gets the least, so that no slow host ever stops another. In all it is at most `most`, and twice the least for each
/// connection.
public final class BodyReaders implements AutoCloseable {

    /// Octets; large enough to keep disk and host busy.
    static final int PIECE = 256 * 1024;
    static final int LEAST = 16 * 1024;
    /// A piece is at most this part of what is left.
    private static final int PART = 8;
    private static final int THREADS = 8;
    private static final long UNUSED_SECONDS = 60;

    private final Executor threads;
    private final long most;
    private long used;

    /// @param most octets
    BodyReaders(Executor threads, long most) {
        this.threads = threads;
        this.most = most;
    }

    /// With threads of its own, and an eighth of the heap.
    public static BodyReaders open() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(THREADS, THREADS, UNUSED_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("body-reader-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
        return new BodyReaders(threads, Runtime.getRuntime().maxMemory() / PART);
    }

    void execute(Runnable work) {
        threads.execute(work);
    }

    /// Room for the next read of a connection that has nothing on its way.
    ///
    /// @param wanted octets; all that is left of its body
    /// @return octets, to be given back
    synchronized int take(long wanted) {
        return taken(Math.clamp(Math.min(wanted, (most - used) / PART), (int) Math.min(wanted, LEAST), PIECE));
    }

    /// Room for a read ahead.
    ///
    /// @return octets, to be given back; 0 when there is too little left for that
    synchronized int takeAhead(long wanted) {
        int piece = (int) Math.min(wanted, PIECE);
        return (most - used) / PART < piece ? 0 : taken(piece);
    }

    private int taken(int octets) {
        used += octets;
        return octets;
    }

    synchronized void giveBack(int octets) {
        used -= octets;
    }

    synchronized long used() {
        return used;
    }

    /// Reads that hang are not waited for.
    @Override
    public void close() {
        if (threads instanceof ThreadPoolExecutor own) {
            own.shutdown();
        }
    }
}
