package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Brings what is sound in a stopped spool into clean segments and sets what is damaged aside in its folder `damaged`; deletes nothing of it.
///
/// A segment with damage is written again under its own number, its sound records in their order, and takes the damaged one's place in one
/// step after that was copied aside: a crash at any point leaves one or the other. A message whose own body file is missing or damaged
/// leaves the queue, its body is set aside.
public final class SpoolRepair {

    private final SpoolFolder folder;
    private final Disk disk = new RealDisk();
    private final List<SpoolProblem> lost = new ArrayList<>();

    private SpoolRepair(SpoolFolder folder) {
        this.folder = folder;
    }

    /// What was lost, by file and offset, and by MID where that can still be read; empty when nothing was damaged.
    ///
    /// @throws SpoolInUseException when a relay uses it, or it is of another format
    /// @throws java.nio.file.NoSuchFileException when there is no spool
    /// @throws IOException when the repair cannot be written; what was there is there still
    public static List<SpoolProblem> run(Path directory) throws IOException {
        SpoolFolder.existing(directory).close();
        try (SpoolFolder folder = SpoolFolder.open(directory)) {
            SpoolRepair repair = new SpoolRepair(folder);
            for (String name : repair.disk.list(folder.path())) {
                if (Segment.isName(name)) {
                    repair.segment(name);
                }
            }
            repair.bodies();
            return List.copyOf(repair.lost);
        }
    }

    private void segment(String name) throws IOException {
        Path path = folder.path().resolve(name);
        Path clean = folder.path().resolve(name + ".new");
        disk.delete(clean);
        boolean[] damaged = {false};
        try (Disk.DiskFile from = disk.openForReading(path); Disk.DiskFile to = disk.create(clean)) {
            SegmentReader reader = new SegmentReader(from, name, problem -> {
                damaged[0] |= problem.isDamage();
                if (problem.isDamage()) {
                    lost.add(problem);
                }
            });
            reader.readAll((_, _, _, offset, length) -> copy(from, to, offset, length));
            to.sync();
        } catch (IOException unreadable) {
            disk.delete(clean);
            lost.add(new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, -1, "cannot be read: " + unreadable.getMessage()));
            folder.setAside(disk, path);
            return;
        }
        if (damaged[0]) {
            copyAside(path);
            disk.delete(IndexFile.of(path));
            disk.rename(clean, path);
            disk.syncFolder(folder.path());
        } else {
            disk.delete(clean);
        }
    }

    private static void copy(Disk.DiskFile from, Disk.DiskFile to, long offset, int length) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(length);
        while (record.hasRemaining()) {
            if (from.read(record, offset + record.position()) < 0) {
                throw new IOException("the segment ends at " + (offset + record.position()));
            }
        }
        to.append(record.flip());
    }

    private void copyAside(Path path) throws IOException {
        Path aside = folder.damaged().resolve(String.valueOf(path.getFileName()));
        Files.copy(path, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        try (FileChannel written = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        disk.syncFolder(folder.damaged());
    }

    /// Messages without a sound body are named as abandoned in a segment behind all others.
    private void bodies() throws IOException {
        // Orphans are set aside with what names them lost, not removed.
        Recovery.Result recovered = new Recovery(lost.isEmpty() ? disk : new Careful(), folder, _ -> { }).run();
        List<Entry> damaged = SpoolCheck.damagedBodies(recovered.index(), lost);
        for (Segment segment : recovered.index().segments().all()) {
            segment.close();
        }
        if (damaged.isEmpty()) {
            return;
        }
        try (Disk.DiskFile out = disk.create(folder.path().resolve(Segment.name(recovered.lastSegment() + 1)))) {
            ByteBuffer records = ByteBuffer.allocate(64 * (damaged.size() + 1));
            RecordCodec.putReserved(records, recovered.numbers());
            damaged.forEach(entry -> RecordCodec.putAbandoned(records, entry.mid));
            out.append(records.flip());
            out.sync();
        }
        disk.syncFolder(folder.path());
        for (Entry entry : damaged) {
            if (entry.body() instanceof Body.InFile own) {
                folder.setAside(disk, own.file());
            }
        }
    }

    /// Sets aside where a start would delete: the record that names a body may be what was lost.
    private final class Careful implements Disk {

        @Override
        public DiskFile create(Path path) throws IOException {
            return disk.create(path);
        }

        @Override
        public DiskFile openForReading(Path path) throws IOException {
            return disk.openForReading(path);
        }

        @Override
        public void syncFolder(Path synced) throws IOException {
            disk.syncFolder(synced);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            disk.rename(from, to);
        }

        @Override
        public void delete(Path path) throws IOException {
            folder.setAside(disk, path);
        }

        @Override
        public List<String> list(Path listed) throws IOException {
            return disk.list(listed);
        }

        @Override
        public long usable(Path of) throws IOException {
            return disk.usable(of);
        }
    }
}
