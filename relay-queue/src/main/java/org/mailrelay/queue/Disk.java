package org.mailrelay.queue;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// The file system as the spool uses it; tests put one in its place that fails, or ends the process, at the n-th operation.
interface Disk {

    /// A new file of mode 0600 for writing and reading; it must not exist.
    DiskFile create(Path path) throws IOException;

    DiskFile openForReading(Path path) throws IOException;

    /// Makes the names in a folder durable: without it a new file may be gone after a crash of the machine.
    void syncFolder(Path folder) throws IOException;

    /// Takes the place of a file of that name, in one step.
    void rename(Path from, Path to) throws IOException;

    /// No error when there is no such file.
    void delete(Path path) throws IOException;

    /// File names, sorted.
    List<String> list(Path folder) throws IOException;

    /// Octets that can still be written in a folder.
    long usable(Path folder) throws IOException;

    /// Whether a failure says that the disk is full, or the quota used up.
    static boolean full(IOException failure) {
        String text = String.valueOf(failure.getMessage());
        return text.contains("No space left") || text.contains("quota exceeded");
    }

    interface DiskFile extends Closeable {
        /// Appends all that remains in `bytes`.
        void append(ByteBuffer bytes) throws IOException;

        /// The number of octets read, -1 at the end.
        int read(ByteBuffer into, long position) throws IOException;

        void sync() throws IOException;

        void truncate(long size) throws IOException;

        long size() throws IOException;
    }
}
