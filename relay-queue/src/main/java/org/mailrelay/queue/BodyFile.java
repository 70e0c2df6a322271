package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// The file of a large body while it arrives: its pieces are appended in their order on a thread for that, so that nobody who brings them waits for the disk.
/// Any thread.
final class BodyFile {

    /// Octets that wait for the disk: from so many on whoever brings more is to stop, until there are no more than the few.
    static final long MANY = 256 * 1024;
    private static final long FEW = 64 * 1024;

    private final Disk disk;
    private final Path path;
    private final Executor threads;
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private long octets;
    private boolean running;
    private @Nullable IOException failed;
    private @Nullable Runnable fewWait;
    private @Nullable Runnable written;
    private volatile Disk.@Nullable DiskFile file;

    /// The file is created with the first piece.
    BodyFile(Disk disk, Path path, Executor threads) {
        this.disk = disk;
        this.path = path;
        this.threads = threads;
    }

    /// @param piece the file's own from now on
    /// @throws IOException when an earlier one could not be written
    synchronized void append(ByteBuffer piece) throws IOException {
        if (failed != null) {
            throw failed;
        }
        waiting.add(piece);
        octets += piece.remaining();
        start();
    }

    private void start() {
        if (!running) {
            running = true;
            try {
                threads.execute(this::run);
            } catch (RejectedExecutionException closed) {
                running = false;
                fail(new IOException("the spool is closed"));
            }
        }
    }

    private void run() {
        for (ByteBuffer piece = next(); piece != null; piece = next()) {
            int count = piece.remaining();
            try {
                opened().append(piece);
                tell(less(count));
            } catch (IOException unwritable) {
                tell(fail(unwritable));
            } catch (RuntimeException bug) {
                tell(fail(new IOException(bug)));   // else those who wait for the file would wait for ever
            }
        }
    }

    private Disk.DiskFile opened() throws IOException {
        Disk.DiskFile known = file;
        if (known == null) {
            known = disk.create(path);
            file = known;
        }
        return known;
    }

    private @Nullable ByteBuffer next() {
        Runnable then;
        synchronized (this) {
            ByteBuffer piece = waiting.poll();
            if (piece != null) {
                return piece;
            }
            running = false;
            then = written;
            written = null;
            notifyAll();
        }
        tell(then);
        return null;
    }

    private synchronized @Nullable Runnable less(int count) {
        octets = Math.max(0, octets - count);
        notifyAll();
        return octets <= FEW ? takeFewWait() : null;
    }

    private synchronized @Nullable Runnable fail(IOException why) {
        failed = failed == null ? why : failed;
        waiting.clear();
        octets = 0;
        notifyAll();
        return takeFewWait();
    }

    private @Nullable Runnable takeFewWait() {
        Runnable told = fewWait;
        fewWait = null;
        return told;
    }

    private static void tell(@Nullable Runnable told) {
        if (told != null) {
            told.run();
        }
    }

    /// True when so much waits for the disk that no more should come.
    ///
    /// @param again then told once, on the writing thread, when more may
    synchronized boolean isBehind(Runnable again) {
        boolean behind = octets >= MANY;
        fewWait = behind ? again : null;
        return behind;
    }

    /// Blocks until more may come.
    void awaitRoom() throws IOException {
        await(MANY);
    }

    /// Blocks until all of it is in the file.
    void awaitWritten() throws IOException {
        await(1);
    }

    private synchronized void await(long less) throws IOException {
        try {
            while (running && octets >= less) {
                wait();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a body was written", stopped);
        }
        if (failed != null) {
            throw failed;
        }
    }

    /// @param then run once nothing waits any more, whether it could be written or not; on the writing thread, or at once
    void whenWritten(Runnable then) {
        synchronized (this) {
            if (running) {
                written = then;
                return;
            }
        }
        then.run();
    }

    /// Nothing further is to be written.
    void giveUp() {
        synchronized (this) {
            waiting.clear();
            octets = 0;
            fewWait = null;
            failed = failed == null ? new IOException("the body was given up") : failed;
        }
    }

    /// Of what is written. Only here a failed write-back shows for sure.
    void sync() throws IOException {
        awaitWritten();
        Disk.DiskFile open = file;
        if (open != null) {
            open.sync();
        }
    }

    void close() throws IOException {
        Disk.DiskFile open = file;
        if (open != null) {
            open.close();
        }
    }
}
