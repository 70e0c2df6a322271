package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.mailrelay.core.mail.Mid;

/// Bodies too large for the log, each in a file of its own in the folder `bodies`.
final class Bodies {

    private final Disk disk;
    private final Path folder;
    private final AtomicLong size = new AtomicLong();

    Bodies(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    BodyWriter writer(Mid mid) {
        return new BodyWriter(disk, folder.resolve(name(mid)));
    }

    static String name(Mid mid) {
        return "body-" + mid;
    }

    /// Octets of all bodies that queued messages name.
    long size() {
        return size.get();
    }

    void found(Entry entry) {
        if (entry.bodyFile != null) {
            size.addAndGet(entry.bodyLength);
        }
    }

    void sync(Body.InFile body) throws IOException {
        if (body.handle().isPresent()) {
            body.handle().get().sync();
        }
    }

    void syncFolder() throws IOException {
        disk.syncFolder(folder);
    }

    void stored(Body body) {
        if (body instanceof Body.InFile own) {
            size.addAndGet(own.length());
            close(own);
        }
    }

    /// A body whose message was refused.
    void drop(Body body) {
        if (body instanceof Body.InFile own) {
            close(own);
            delete(own.file());
        }
    }

    /// The body of a message that is done.
    void remove(Entry entry) {
        if (entry.bodyFile != null) {
            size.addAndGet(-entry.bodyLength);
            delete(entry.bodyFile);
        }
    }

    Disk.DiskFile open(Path file) throws IOException {
        return disk.openForReading(file);
    }

    private static void close(Body.InFile own) {
        try {
            if (own.handle().isPresent()) {
                own.handle().get().close();
            }
        } catch (IOException _) {
            // It was synced, or is about to be deleted.
        }
    }

    private void delete(Path file) {
        try {
            disk.delete(file);
        } catch (IOException _) {
            // The next start removes bodies that no message names.
        }
    }
}
