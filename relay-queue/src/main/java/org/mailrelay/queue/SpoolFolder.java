package org.mailrelay.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// The spool's folder: mode 0700, one process at a time, a format that this version can read.
final class SpoolFolder implements AutoCloseable {

    /// Raised when the bytes of records change; a newer relay migrates, an older one refuses.
    static final int FORMAT = 2;
    /// The oldest format whose records are still read (format 1: messages without RFC 3461 parameters).
    private static final int OLDEST = 1;
    private static final String BODIES = "bodies";
    private static final String DAMAGED = "damaged";
    private static final String FORMAT_TEXT = "mailrelay spool format ";

    private final Path folder;
    private final FileChannel lockFile;

    private SpoolFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /// @throws SpoolInUseException when another process has it, or it is of a newer format
    static SpoolFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        for (String name : List.of(BODIES, DAMAGED)) {
            Path within = folder.resolve(name);
            Files.createDirectories(within);
            Files.setPosixFilePermissions(within, PosixFilePermissions.fromString("rwx------"));
        }
        FileChannel lockFile = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!lock(lockFile)) {
                throw new SpoolInUseException("another relay uses the spool " + folder);
            }
            checkFormat(folder.resolve("format"));
        } catch (IOException refused) {
            lockFile.close();
            throw refused;
        }
        return new SpoolFolder(folder, lockFile);
    }

    /// One that exists, for a look at it: nothing in it is made or changed.
    ///
    /// @throws SpoolInUseException when a relay uses it, or it is of a newer format
    /// @throws java.nio.file.NoSuchFileException when there is none
    static SpoolFolder existing(Path folder) throws IOException {
        String format = Files.readString(folder.resolve("format")).strip();
        FileChannel lockFile = FileChannel.open(folder.resolve("lock"), StandardOpenOption.WRITE);
        try {
            if (!lock(lockFile)) {
                throw new SpoolInUseException("a relay uses the spool " + folder + ": stop it first");
            }
            if (java.util.stream.IntStream.rangeClosed(OLDEST, FORMAT).noneMatch(known -> format.equals(FORMAT_TEXT + known))) {
                throw foreign(folder.resolve("format"), format);
            }
        } catch (IOException refused) {
            lockFile.close();
            throw refused;
        }
        return new SpoolFolder(folder, lockFile);
    }

    private static SpoolInUseException foreign(Path file, String text) {
        return new SpoolInUseException(file + " says '" + text + "', and this version reads '" + FORMAT_TEXT + FORMAT
                + "': the spool was written by another version of the relay");
    }

    private static boolean lock(FileChannel lockFile) throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    /// An older spool is named as of the present format before anything of that format is written into it.
    private static void checkFormat(Path file) throws IOException {
        if (!Files.exists(file)) {
            writeFormat(file);
            return;
        }
        String text = Files.readString(file).strip();
        for (int older = OLDEST; older < FORMAT; older++) {
            if (text.equals(FORMAT_TEXT + older)) {
                writeFormat(file);
                return;
            }
        }
        if (!text.equals(FORMAT_TEXT + FORMAT)) {
            throw foreign(file, text);
        }
    }

    private static void writeFormat(Path file) throws IOException {
        Path fresh = file.resolveSibling("format.new");
        Files.writeString(fresh, FORMAT_TEXT + FORMAT + "\n");
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    Path path() {
        return folder;
    }

    Path bodies() {
        return folder.resolve(BODIES);
    }

    Path damaged() {
        return folder.resolve(DAMAGED);
    }

    /// What is damaged is kept for whoever may still want to read it. No error when the file is gone.
    void setAside(Disk disk, Path file) throws IOException {
        if (Files.exists(file)) {
            Path damaged = folder.resolve(DAMAGED);
            disk.rename(file, damaged.resolve(String.valueOf(file.getFileName())));
            disk.syncFolder(damaged);
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
