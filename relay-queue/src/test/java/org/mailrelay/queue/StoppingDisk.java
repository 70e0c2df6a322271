package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The real disk of a process that is killed at its n-th operation: of that one, half may have arrived; after it nothing does.
final class StoppingDisk implements Disk {

    private final Disk disk = new RealDisk();
    private final AtomicInteger left;

    /// What the killed process would not see.
    static final class Stopped extends IOException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("the process is dead");
        }
    }

    /// @param after operations that still take place
    StoppingDisk(int after) {
        this.left = new AtomicInteger(after);
    }

    boolean stopped() {
        return left.get() < 0;
    }

    private boolean alive() {
        return left.getAndDecrement() > 0;
    }

    private void operate() throws Stopped {
        if (!alive()) {
            throw new Stopped();
        }
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        operate();
        return new StoppingFile(disk.create(path));
    }

    @Override
    public DiskFile openForReading(Path path) throws IOException {
        return disk.openForReading(path);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        operate();
        disk.syncFolder(folder);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        operate();
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        operate();
        disk.delete(path);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return disk.list(folder);
    }

    @Override
    public long usable(Path folder) throws IOException {
        return disk.usable(folder);
    }

    private final class StoppingFile implements DiskFile {

        private final DiskFile file;

        private StoppingFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public void append(ByteBuffer bytes) throws IOException {
            int before = left.get();
            if (!alive()) {
                if (before == 0) {
                    file.append(bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2));
                }
                throw new Stopped();
            }
            file.append(bytes);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public void sync() throws IOException {
            operate();
            file.sync();
        }

        @Override
        public void truncate(long size) throws IOException {
            operate();
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
