package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a stopped spool to its last octet and changes nothing: every record, every body, every index.
public final class SpoolCheck {

    private SpoolCheck() {
    }

    /// @param messages in the queue, the damaged ones not counted
    /// @param octets   of segments and bodies
    public record Report(int segments, int messages, long octets, List<SpoolProblem> problems) {

        public Report {
            problems = List.copyOf(problems);
        }

        /// Warnings alone are no damage: what a crash cut off was not acknowledged.
        public boolean sound() {
            return problems.stream().noneMatch(SpoolProblem::isDamage);
        }
    }

    /// @throws SpoolInUseException when a relay uses it, or it is of another format
    /// @throws java.nio.file.NoSuchFileException when there is no spool
    public static Report run(Path directory) throws IOException {
        try (SpoolFolder folder = SpoolFolder.existing(directory)) {
            List<SpoolProblem> problems = new ArrayList<>();
            Index index = new Recovery(new UnchangedDisk(), folder, problems::add).run().index();
            List<Entry> damaged = damagedBodies(index, problems);
            List<Segment> segments = index.segments().all();
            long octets = index.segments().size();
            for (Entry entry : index.all()) {
                octets += entry.body() instanceof Body.InFile own ? own.length() : 0;
            }
            for (Segment segment : segments) {
                checkIndex(segment, problems);
                segment.close();
            }
            return new Report(segments.size(), index.size() - damaged.size(), octets, problems);
        }
    }

    /// Bodies in the log were read with their records; those in files of their own are read here.
    static List<Entry> damagedBodies(Index index, List<SpoolProblem> problems) {
        List<Entry> damaged = new ArrayList<>();
        for (Entry entry : index.all()) {
            if (entry.body() instanceof Body.InFile own && !sound(own)) {
                damaged.add(entry);
                problems.add(new SpoolProblem(SpoolProblem.Severity.CRITICAL, "bodies/" + own.file().getFileName(), -1, "MID " + entry.mid + ": the body is not what was stored"));
            }
        }
        return damaged;
    }

    private static boolean sound(Body.InFile own) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
        try (BodySource source = BodySource.of(own.length(), () -> Bodies.open(new RealDisk(), own), (_, _, _) -> { })) {
            while (source.read(buffer.clear()) >= 0) {
                continue;
            }
            return source.intact();
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static void checkIndex(Segment segment, List<SpoolProblem> problems) throws IOException {
        Path index = IndexFile.of(segment.path());
        if (!java.nio.file.Files.exists(index)) {
            return;
        }
        var rows = IndexFile.open(new RealDisk(), segment);
        if (rows.isEmpty()) {
            problems.add(new SpoolProblem(SpoolProblem.Severity.WARNING, String.valueOf(index.getFileName()), -1, "does not fit its segment: a start scans the segment"));
        } else {
            rows.get().close();
        }
    }
}
