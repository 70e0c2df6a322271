package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.mailrelay.core.mail.Mid;

/// Rebuilds the index from the segments, in their order: from a segment's index file where that is sound, else from its records. One bad
/// file costs what is damaged in it, never the start.
final class Recovery {

    private static final int MOST_AT_ONCE = 8;

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
        List<String> logs = new ArrayList<>();
        for (String name : names) {
            if (IndexFile.isUnfinished(name) || IndexFile.isOrphan(name, names)) {
                disk.delete(folder.path().resolve(name));
            } else if (Segment.isName(name)) {
                lastSegment = Segment.id(name);
                logs.add(name);
            }
        }
        read(logs);
        // Only now: a segment that is empty half-way through is not.
        segments.all().forEach(segments::seal);
        removeOrphans();
        // Where damage may have hidden the last reservation, none that was ever made is used again.
        return new Result(index, damaged ? highest : last, scanned, lastSegment);
    }

    /// As many at once as there are processors; they take effect in their order.
    private void read(List<String> names) throws IOException {
        int atOnce = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_AT_ONCE);
        ExecutorService readers = Executors.newFixedThreadPool(atOnce, Thread.ofPlatform().daemon().name("spool-recovery-", 1).factory());
        try {
            Deque<SegmentFeed> ahead = new ArrayDeque<>();
            for (String name : names) {
                open(name).ifPresent(feed -> {
                    ahead.add(feed);
                    readers.execute(feed);
                });
                if (ahead.size() >= atOnce) {
                    apply(ahead.remove());
                }
            }
            while (!ahead.isEmpty()) {
                apply(ahead.remove());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("the start was interrupted", stopped);
        } finally {
            readers.shutdownNow();
        }
    }

    private Optional<SegmentFeed> open(String name) {
        Path path = folder.path().resolve(name);
        try {
            Disk.DiskFile file = disk.openForReading(path);
            Segment segment = new Segment(Segment.id(name), path, file, file.size());
            segments.add(segment);
            return Optional.of(new SegmentFeed(disk, folder.bodies(), segment));
        } catch (IOException unreadable) {
            unreadable(name, unreadable);
            return Optional.empty();
        }
    }

    private void unreadable(String name, IOException why) {
        problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, name, -1, "cannot be read: " + why));
    }

    private void apply(SegmentFeed feed) throws InterruptedException {
        Segment segment = feed.segment();
        Applied applied = new Applied(segment);
        for (List<SegmentFeed.Step> steps = feed.take(); !steps.isEmpty(); steps = feed.take()) {
            for (SegmentFeed.Step step : steps) {
                switch (step) {
                    case SegmentFeed.Step.Message(Entry entry) -> applied.message(entry);
                    case SegmentFeed.Step.Other(Record record) -> applied.other(record);
                    case SegmentFeed.Step.Problem(SpoolProblem problem) -> problems.problem(problem);
                    case SegmentFeed.Step.Scanned(boolean sound) when sound -> scanned.add(segment);
                    case SegmentFeed.Step.Scanned _ -> segments.unreadable(segment);
                    case SegmentFeed.Step.Unreadable(IOException why) -> unreadable(segment.name(), why);
                }
            }
        }
    }

    /// What stands in one segment takes effect on the index.
    private final class Applied {

        private final Segment segment;

        private Applied(Segment segment) {
            this.segment = segment;
        }

        void message(Entry entry) {
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

        void other(Record record) {
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
