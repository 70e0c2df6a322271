package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// The real disk, but for one operation that fails, and half of whose bytes may have arrived all the same.
final class FailingDisk implements Disk {

    private final Disk disk = new RealDisk();
    private final AtomicInteger left;
    private final String message;
    private final Predicate<Path> counted;

    /// @param after operations that succeed before the one that fails; later ones succeed again
    FailingDisk(int after, String message) {
        this(after, message, _ -> true);
    }

    /// @param counted files whose operations count
    FailingDisk(int after, String message, Predicate<Path> counted) {
        this.counted = counted;
        this.left = new AtomicInteger(after);
        this.message = message;
    }

    boolean failed() {
        return left.get() < 0;
    }

    private void operate(Path path) throws IOException {
        if (counted.test(path) && left.getAndDecrement() == 0) {
            throw new IOException(message);
        }
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        operate(path);
        return new FailingFile(path, disk.create(path));
    }

    @Override
    public DiskFile openForReading(Path path) throws IOException {
        return disk.openForReading(path);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        operate(folder);
        disk.syncFolder(folder);
    }

    @Override
    public void delete(Path path) throws IOException {
        operate(path);
        disk.delete(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        operate(from);
        disk.rename(from, to);
    }

    @Override
    public long usable(Path folder) throws IOException {
        return disk.usable(folder);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return disk.list(folder);
    }

    private final class FailingFile implements DiskFile {

        private final Path path;
        private final DiskFile file;

        private FailingFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public void append(ByteBuffer bytes) throws IOException {
            try {
                operate(path);
            } catch (IOException failed) {
                file.append(bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2));
                throw failed;
            }
            file.append(bytes);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public void sync() throws IOException {
            operate(path);
            file.sync();
        }

        @Override
        public void truncate(long size) throws IOException {
            operate(path);
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
