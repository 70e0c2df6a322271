package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.mailrelay.core.mail.Mid;

/// Bodies too large for the log, each in a file of its own in the folder `bodies`.
final class Bodies implements AutoCloseable {

    /// Large bodies that are synced or deleted at once, and so many that are written.
    private static final int AT_ONCE = 4;

    private final Disk disk;
    private final Path folder;
    private final AtomicLong size = new AtomicLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().daemon().name("spool-body-", 1).factory());
    private final ExecutorService writing = Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().daemon().name("spool-arrival-", 1).factory());
    private volatile boolean refusing;

    Bodies(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    BodyWriter writer(Mid mid) {
        return new BodyWriter(this, folder.resolve(name(mid.value())));
    }

    BodyFile file(Path path) {
        return new BodyFile(disk, path, writing);
    }

    static String name(long mid) {
        return "body-" + mid;
    }

    /// Octets of all bodies that queued messages name.
    long size() {
        return size.get();
    }

    /// True while what room there is on the disk is kept for mail that is in the queue.
    boolean refusing() {
        return refusing;
    }

    void refuse(boolean now) {
        refusing = now;
    }

    void found(Entry entry) {
        if (entry.body() instanceof Body.InFile own) {
            size.addAndGet(own.length());
        }
    }

    /// Syncs a body and its name on a thread for that, so that small messages do not wait for a large one.
    ///
    /// @param failed told in place of `synced`
    void sync(Body.InFile body, Runnable synced, Consumer<IOException> failed) {
        body.handle().ifPresentOrElse(file -> file.whenWritten(() -> syncElsewhere(body, synced, failed)), () -> syncElsewhere(body, synced, failed));
    }

    private void syncElsewhere(Body.InFile body, Runnable synced, Consumer<IOException> failed) {
        threads.execute(() -> {
            try {
                if (body.handle().isPresent()) {
                    body.handle().get().sync();
                }
                disk.syncFolder(folder);
            } catch (IOException failure) {
                failed.accept(failure);
                return;
            }
            synced.run();
        });
    }

    /// A body that did not come whole.
    void giveUp(BodyFile body, Path file) {
        body.giveUp();
        body.whenWritten(() -> onThreads(() -> {
            close(body);
            delete(file);
        }));
    }

    void stored(Body body) {
        if (body instanceof Body.InFile own) {
            size.addAndGet(own.length());
            close(own);
        }
    }

    /// Makes room for another body of the same message. The octets stay where they are, and a crash leaves an orphan.
    Body moveAside(Body body) throws IOException {
        if (!(body instanceof Body.InFile own)) {
            return body;
        }
        if (own.handle().isPresent()) {
            own.handle().get().awaitWritten();
        }
        Path aside = own.file().resolveSibling(own.file().getFileName() + ".before");
        disk.rename(own.file(), aside);
        return own.at(aside);
    }

    /// A body whose message was refused.
    void drop(Body body) {
        if (body instanceof Body.InFile own) {
            own.handle().ifPresentOrElse(file -> giveUp(file, own.file()), () -> onThreads(() -> delete(own.file())));
        }
    }

    /// The body of a message that is done.
    void remove(Entry entry) {
        if (entry.body() instanceof Body.InFile own) {
            size.addAndGet(-own.length());
            onThreads(() -> delete(own.file()));
        }
    }

    BodySource.Stored open(Body.InFile own) throws IOException {
        return open(disk, own);
    }

    /// One that has come whole, and is perhaps not all in its file yet: waits for that.
    BodySource.Stored arrived(Body.InFile own) throws IOException {
        if (own.handle().isPresent()) {
            own.handle().get().awaitWritten();
        }
        return open(own);
    }

    static BodySource.Stored open(Disk disk, Body.InFile own) throws IOException {
        Disk.DiskFile file = disk.openForReading(own.file());
        return new BodySource.Stored("bodies/" + own.file().getFileName(), file, 0, own.checksum(), file::close);
    }

    private static void close(Body.InFile own) {
        own.handle().ifPresent(Bodies::close);
    }

    private static void close(BodyFile file) {
        try {
            file.close();
        } catch (IOException _) {
            // It was synced, or is about to be deleted.
        }
    }

    /// To delete a large file takes its time, and the writer's is everybody's.
    private void onThreads(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException _) {
            work.run();   // the spool is being closed
        }
    }

    private void delete(Path file) {
        try {
            disk.delete(file);
        } catch (IOException _) {
            // The next start removes bodies that no message names.
        }
    }

    /// Waits for writes, syncs and deletions under way.
    @Override
    public void close() {
        writing.close();
        threads.close();
    }
}
