package org.mailrelay.app.durability;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A file system in a file, mounted over a loop device: it can be stopped as by a power cut, and filled. Needs root.
final class LoopDisk implements AutoCloseable {

    private final Path image;
    private final Path mount;

    private LoopDisk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /// @return empty where this machine does not let us
    static Optional<LoopDisk> make(Path folder, String type, long megabytes) throws IOException, InterruptedException {
        Path image = folder.resolve(type + ".img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(megabytes << 20);
        }
        LoopDisk disk = new LoopDisk(image, Files.createDirectories(folder.resolve(type)));
        if (run("mkfs." + type, "-q", image.toString()) && disk.mount()) {
            return Optional.of(disk);
        }
        return Optional.empty();
    }

    private static boolean run(String... words) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor() == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    private boolean mount() throws IOException, InterruptedException {
        return run("mount", "-o", "loop", image.toString(), mount.toString());
    }

    Path mountPoint() {
        return mount;
    }

    /// Nothing reaches the disk from now on, not even the journal.
    boolean shutdown() throws IOException, InterruptedException {
        return run("xfs_io", "-x", "-c", "shutdown", mount.toString());
    }

    /// As after the power is back. The relay must have ended.
    void again() throws IOException, InterruptedException {
        if (!run("umount", mount.toString()) || !mount()) {
            throw new IOException("cannot mount " + image + " again");
        }
    }

    long used() throws IOException {
        return Files.getFileStore(mount).getTotalSpace() - Files.getFileStore(mount).getUsableSpace();
    }

    @Override
    public void close() throws IOException {
        try {
            run("umount", mount.toString());
            for (String left : List.of(image.toString())) {
                Files.deleteIfExists(Path.of(left));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
