package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// The real disk, whose every operation a test sees before it happens: it may wait there, or let it fail.
abstract class SteeredDisk implements Disk {

    enum Operation {
        CREATE, OPEN, READ, APPEND, SYNC, TRUNCATE, SYNC_FOLDER, RENAME, DELETE, CLOSE;

        /// Something on the disk, or what is sure of it, is another afterwards.
        boolean changes() {
            return switch (this) {
                case CREATE, APPEND, SYNC, TRUNCATE, SYNC_FOLDER, RENAME, DELETE -> true;
                case OPEN, READ, CLOSE -> false;
            };
        }
    }

    private final Disk disk = new RealDisk();

    /// @param octets that an append or a cut is about: the new ones, or those that stay
    /// @throws IOException it fails with this, and does not happen
    abstract void before(Operation operation, Path path, long octets) throws IOException;

    /// How many of an append's octets arrive although it fails.
    int arriving(IOException failure, int octets) {
        return octets / 2;
    }

    void after(Operation operation, Path path) {
    }

    private interface Step<T> {
        T take() throws IOException;
    }

    private <T> T step(Operation operation, Path path, long octets, Step<T> step) throws IOException {
        before(operation, path, octets);
        T result = step.take();
        after(operation, path);
        return result;
    }

    private void step(Operation operation, Path path, Change change) throws IOException {
        step(operation, path, 0, () -> {
            change.make();
            return 0;
        });
    }

    private interface Change {
        void make() throws IOException;
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        return new SteeredFile(path, step(Operation.CREATE, path, 0, () -> disk.create(path)));
    }

    @Override
    public DiskFile openForReading(Path path) throws IOException {
        return new SteeredFile(path, step(Operation.OPEN, path, 0, () -> disk.openForReading(path)));
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        step(Operation.SYNC_FOLDER, folder, () -> disk.syncFolder(folder));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step(Operation.RENAME, from, () -> disk.rename(from, to));
    }

    @Override
    public void delete(Path path) throws IOException {
        step(Operation.DELETE, path, () -> disk.delete(path));
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return disk.list(folder);
    }

    @Override
    public long usable(Path folder) throws IOException {
        return disk.usable(folder);
    }

    private final class SteeredFile implements DiskFile {

        private final Path path;
        private final DiskFile file;

        private SteeredFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public void append(ByteBuffer bytes) throws IOException {
            int octets = bytes.remaining();
            try {
                before(Operation.APPEND, path, octets);
            } catch (IOException failed) {
                file.append(bytes.duplicate().limit(bytes.position() + arriving(failed, octets)));
                throw failed;
            }
            file.append(bytes);
            after(Operation.APPEND, path);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return step(Operation.READ, path, into.remaining(), () -> file.read(into, position));
        }

        @Override
        public void sync() throws IOException {
            step(Operation.SYNC, path, file::sync);
        }

        @Override
        public void truncate(long size) throws IOException {
            step(Operation.TRUNCATE, path, size, () -> {
                file.truncate(size);
                return 0;
            });
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            step(Operation.CLOSE, path, file::close);
        }
    }
}
