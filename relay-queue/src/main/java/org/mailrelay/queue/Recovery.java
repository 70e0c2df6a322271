package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.Mid;

/// Rebuilds the index from the segments, in their order: from a segment's index file where that is sound, else from its records. One bad
/// file costs what is damaged in it, never the start.
final class Recovery {

    private final Disk disk;
    private final SpoolFolder folder;
    private final SpoolListener problems;
    private final Segments segments = new Segments();
    private final Index index = new Index(segments);
    private final List<Segment> scanned = new ArrayList<>();
    private Record.Reserved last = new Record.Reserved(1, 1, 1);
    private Record.Reserved highest = last;
    private boolean damaged;
    private long lastSegment;

    Recovery(Disk disk, SpoolFolder folder, SpoolListener problems) {
        this.disk = disk;
        this.folder = folder;
        this.problems = problem -> {
            damaged |= problem.isDamage();
            problems.problem(problem);
        };
    }

    /// @param scanned     segments without a sound index that could be read
    /// @param lastSegment the highest number in use; 0 for none
    record Result(Index index, Record.Reserved numbers, List<Segment> scanned, long lastSegment) {}

    Result run() throws IOException {
        List<String> names = disk.list(folder.path());
        for (String name : names) {
            if (IndexFile.isUnfinished(name) || IndexFile.isOrphan(name, names)) {
                disk.delete(folder.path().resolve(name));
            } else if (Segment.isName(name)) {
                lastSegment = Segment.id(name);
                read(name);
            }
        }
        // Only now: a segment that is empty half-way through is not.
        segments.all().forEach(segments::seal);
        removeOrphans();
        // Where damage may have hidden the last reservation, none that was ever made is used again.
        return new Result(index, damaged ? highest : last, scanned, lastSegment);
    }

    private void read(String name) {
        Path path = folder.path().resolve(name);
        try {
            Disk.DiskFile file = disk.openForReading(path);
            Segment segment = new Segment(Segment.id(name), path, file, file.size());
            segments.add(segment);
            if (!readIndex(segment)) {
                scan(segment);
            }
        } catch (IOException unreadable) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, -1, "cannot be read: " + unreadable));
        }
    }

    private boolean readIndex(Segment segment) throws IOException {
        Optional<IndexFile.Rowed> index = IndexFile.open(disk, segment);
        if (index.isEmpty()) {
            return false;
        }
        try (IndexFile.Rowed rows = index.get()) {
            rows.readAll(segment, folder.bodies(), new Applied(segment));
            return true;
        } catch (IllegalArgumentException nonsense) {
            // The records say it again, and that they say it twice does no harm.
            return false;
        }
    }

    private void scan(Segment segment) throws IOException {
        boolean[] sound = {true};
        SpoolListener noted = problem -> {
            sound[0] &= !problem.isDamage();
            problems.problem(problem);
        };
        Applied applied = new Applied(segment);
        new SegmentReader(segment.file(), segment.name(), noted).readAll((record, _, _, offset, length) -> {
            if (record instanceof Record.Message message) {
                applied.message(message.entry(new Entry.Place(segment, Math.toIntExact(offset), length, message.head()), folder.bodies()));
            } else {
                applied.other(record);
            }
        });
        if (sound[0]) {
            scanned.add(segment);
        } else {
            segments.unreadable(segment);
        }
    }

    /// What stands in one segment takes effect on the index.
    private final class Applied implements IndexFile.Visitor {

        private final Segment segment;

        private Applied(Segment segment) {
            this.segment = segment;
        }

        @Override
        public void message(Entry entry) {
            Entry earlier = index.find(entry.mid);
            if (earlier != null) {
                entry.inherit(earlier);
                segment.holdsCopiesOf(earlier.segment());
            }
            index.enter(entry);
            if (entry.mid >= last.mid()) {
                last = new Record.Reserved(entry.mid + 1, last.icid(), last.dcid());
            }
        }

        @Override
        public void other(Record record) {
            switch (record) {
                case Record.Message _ -> throw new IllegalArgumentException("a message in the place of another record");
                case Record.Change(StateChange change) -> speak(change.mid(), entry -> {
                    index.change(entry, List.of(change));
                    return entry.finished();
                });
                case Record.Abandoned(Mid mid) -> speak(mid, _ -> true);
                case Record.Reserved reserved -> {
                    last = reserved;
                    highest = new Record.Reserved(Math.max(highest.mid(), reserved.mid()), Math.max(highest.icid(), reserved.icid()), Math.max(highest.dcid(), reserved.dcid()));
                }
            }
        }

        /// @param then whether the message leaves
        private void speak(Mid mid, java.util.function.Predicate<Entry> then) {
            Entry entry = index.find(mid);
            if (entry != null) {
                segment.speaksOf(entry.segment());
                if (then.test(entry)) {
                    index.leave(entry.mid);
                }
            }
        }
    }

    /// Bodies of their own that no message names: of transactions that a crash cut off, or of finished messages.
    private void removeOrphans() throws IOException {
        Set<String> named = new HashSet<>();
        index.forEach(entry -> {
            if (entry.body() instanceof Body.InFile own) {
                named.add(String.valueOf(own.file().getFileName()));
            }
        });
        List<String> present = disk.list(folder.bodies());
        for (String name : present) {
            if (named.contains(name)) {
                continue;
            }
            // The record that names it may be what is damaged.
            if (damaged) {
                folder.setAside(disk, folder.bodies().resolve(name));
            } else {
                disk.delete(folder.bodies().resolve(name));
            }
        }
        present.forEach(named::remove);
        named.forEach(name -> problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, "bodies/" + name, -1, "the body of a queued message is missing")));
    }
}
