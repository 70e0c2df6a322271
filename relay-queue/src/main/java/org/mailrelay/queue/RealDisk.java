package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The disk of the operating system.
final class RealDisk implements Disk {

    private static final Set<OpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);

    @Override
    public DiskFile create(Path path) throws IOException {
        return new ChannelFile(path, FileChannel.open(path, NEW, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    @Override
    public DiskFile openForReading(Path path) throws IOException {
        return new ChannelFile(path, FileChannel.open(path, StandardOpenOption.READ));
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public long usable(Path folder) throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// Many threads may read while one writes. A channel closes for all when one of its readers is interrupted: reading opens it again,
    /// writing does not (the writer takes a new segment, as after any failure).
    private static final class ChannelFile implements DiskFile {

        private final Path path;
        private final FileChannel channel;
        private volatile FileChannel reading;
        private volatile boolean closed;

        private ChannelFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
            this.reading = channel;
        }

        @Override
        public void append(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            try {
                return reading.read(into, position);
            } catch (ClosedChannelException interrupted) {
                if (closed || Thread.currentThread().isInterrupted()) {
                    throw interrupted;
                }
                return reopened().read(into, position);
            }
        }

        private synchronized FileChannel reopened() throws IOException {
            if (!reading.isOpen() && !closed) {
                reading = FileChannel.open(path, StandardOpenOption.READ);
            }
            return reading;
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return reading.size();
        }

        @Override
        public synchronized void close() throws IOException {
            closed = true;
            reading.close();
            channel.close();
        }
    }
}
