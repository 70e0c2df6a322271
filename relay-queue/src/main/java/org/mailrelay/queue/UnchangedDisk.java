package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// The real disk for a look at it: what would change it is not done, and index files are not there, so that every segment is read.
final class UnchangedDisk implements Disk {

    private final Disk disk = new RealDisk();

    @Override
    public DiskFile create(Path path) throws IOException {
        throw new IOException("nothing is written here: " + path);
    }

    @Override
    public DiskFile openForReading(Path path) throws IOException {
        if (IndexFile.isIndex(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return disk.openForReading(path);
    }

    @Override
    public void syncFolder(Path folder) {
        // Nothing was changed.
    }

    @Override
    public void rename(Path from, Path to) {
        // It stays where it is.
    }

    @Override
    public void delete(Path path) {
        // It stays.
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return Files.isDirectory(folder) ? disk.list(folder) : List.of();
    }

    @Override
    public long usable(Path folder) throws IOException {
        return disk.usable(folder);
    }
}
