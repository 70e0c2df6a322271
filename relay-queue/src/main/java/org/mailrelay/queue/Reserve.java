package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// A file of no content that takes room on the disk while all is well. Once the disk is full it is given up, so that completions, and a
/// compaction that frees space, can still be written; it is set aside again before mail is taken again.
final class Reserve {

    private static final String NAME = "reserve";
    private static final int STEP = 256 << 10;

    private final Disk disk;
    private final Path folder;
    private final long size;
    private volatile boolean set;

    /// @param size octets
    Reserve(Disk disk, Path folder, long size) {
        this.disk = disk;
        this.folder = folder;
        this.size = size;
    }

    /// Octets.
    long size() {
        return size;
    }

    /// True when it stands, or twice its size is free, so that it never takes the last room from what it is for.
    boolean possible() throws IOException {
        return set || whole() || disk.usable(folder) >= 2 * size;
    }

    /// Sets it aside where that is [#possible].
    ///
    /// @return whether it is set aside now
    /// @throws IOException for another reason than a full disk
    boolean set() throws IOException {
        if (set) {
            return true;
        }
        try {
            set = whole() || possible() && filled();
        } catch (IOException failed) {
            discard();
            if (!Disk.full(failed)) {
                throw failed;
            }
        }
        return set;
    }

    private boolean whole() {
        try (Disk.DiskFile file = disk.openForReading(folder.resolve(NAME))) {
            return file.size() == size;
        } catch (IOException none) {
            return false;
        }
    }

    private boolean filled() throws IOException {
        disk.delete(folder.resolve(NAME));
        // Octets that a file system cannot store in less than their number.
        byte[] noise = new byte[STEP];
        new SplittableRandom(size).nextBytes(noise);
        try (Disk.DiskFile file = disk.create(folder.resolve(NAME))) {
            for (long left = size; left > 0; left -= STEP) {
                file.append(ByteBuffer.wrap(noise, 0, (int) Math.min(STEP, left)));
            }
            file.sync();
        }
        disk.syncFolder(folder);
        return true;
    }

    /// Gives the room back.
    ///
    /// @return false when there was none to give
    boolean giveUp() {
        boolean had = set;
        set = false;
        return discard() && had;
    }

    private boolean discard() {
        try {
            disk.delete(folder.resolve(NAME));
            disk.syncFolder(folder);
            return true;
        } catch (IOException _) {
            // Full, or failing: what follows will show which.
            return false;
        }
    }
}
