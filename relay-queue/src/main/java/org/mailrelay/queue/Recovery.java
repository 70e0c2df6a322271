package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.Mid;

/// Rebuilds the index from the segments, in their order. One bad file costs what is damaged in it, never the start.
final class Recovery {

    private final Disk disk;
    private final SpoolFolder folder;
    private final SpoolListener problems;
    private final Index index = new Index();
    private Record.Reserved numbers = new Record.Reserved(1, 1, 1);
    private long lastSegment;

    Recovery(Disk disk, SpoolFolder folder, SpoolListener problems) {
        this.disk = disk;
        this.folder = folder;
        this.problems = problems;
    }

    /// @param lastSegment the highest number in use; 0 for none
    record Result(Index index, Record.Reserved numbers, long lastSegment) {}

    Result run() throws IOException {
        for (String name : disk.list(folder.path())) {
            if (Segment.isName(name)) {
                lastSegment = Segment.id(name);
                read(name);
            }
        }
        removeOrphans();
        return new Result(index, numbers, lastSegment);
    }

    private void read(String name) {
        Path path = folder.path().resolve(name);
        try {
            Disk.DiskFile file = disk.openForReading(path);
            Segment segment = new Segment(Segment.id(name), path, file, file.size());
            segment.seal();
            index.add(segment);
            new SegmentReader(file, name, problems).readAll((record, offset, length) -> apply(segment, record, offset, length));
        } catch (IOException unreadable) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, -1, "cannot be read: " + unreadable));
        }
    }

    private void apply(Segment segment, Record record, long offset, int length) {
        switch (record) {
            case Record.Message message -> enter(segment, message, offset, length);
            case Record.Change(StateChange change) -> index.find(change.mid()).ifPresent(entry -> {
                speak(segment, entry);
                entry.change(change.recipient(), change.state());
                if (entry.finished()) {
                    index.leave(entry);
                }
            });
            case Record.Abandoned(Mid mid) -> index.find(mid).ifPresent(entry -> {
                speak(segment, entry);
                index.leave(entry);
            });
            case Record.Reserved reserved -> numbers = reserved;
        }
    }

    private void enter(Segment segment, Record.Message message, long offset, int length) {
        Optional<Path> file = message.bodyFile().map(folder.bodies()::resolve);
        Entry entry = new Entry(message.mid(), new Entry.Place(segment, offset, length, RecordCodec.HEADER + message.bodyOffset()),
                message.bodyLength(), message.bodyChecksum(), file.orElse(null), message.states());
        index.enter(entry);
        numbers = new Record.Reserved(Math.max(numbers.mid(), message.mid().value() + 1), numbers.icid(), numbers.dcid());
    }

    private static void speak(Segment segment, Entry entry) {
        segment.speaksOf(entry.place().segment().id());
        entry.copies().forEach(segment::speaksOf);
    }

    /// Bodies of their own that no message names: of transactions that a crash cut off, or of finished messages.
    private void removeOrphans() throws IOException {
        Set<String> named = new HashSet<>();
        index.all().forEach(entry -> {
            if (entry.bodyFile != null) {
                named.add(String.valueOf(entry.bodyFile.getFileName()));
            }
        });
        List<String> present = disk.list(folder.bodies());
        for (String name : present) {
            if (!named.contains(name)) {
                disk.delete(folder.bodies().resolve(name));
            }
        }
        named.stream().filter(name -> !present.contains(name)).forEach(name ->
                problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, "bodies/" + name, -1, "the body of a queued message is missing")));
    }
}
