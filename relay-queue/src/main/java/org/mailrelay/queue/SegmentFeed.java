package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Reads one segment for a start on a thread of its own, a bounded way ahead of the one who takes what stands in it: from its index file where that is sound,
/// else from its records. Several segments are read at once, and taken in their order.
final class SegmentFeed implements Runnable {

    /// Steps handed over at once, and how often before the reader waits: some 10 MB of what is smallest.
    private static final int CHUNK = 4_096;
    private static final int AHEAD = 16;

    /// What a segment says, in its order.
    sealed interface Step {
        record Message(Entry entry) implements Step {}

        record Other(Record record) implements Step {}

        record Problem(SpoolProblem problem) implements Step {}

        /// Its index file was no use. An index that made no sense half-way may have said some of it before: that it is said twice does no harm.
        ///
        /// @param sound nothing in it is damaged
        record Scanned(boolean sound) implements Step {}

        record Unreadable(IOException why) implements Step {}
    }

    private final Disk disk;
    private final Path bodies;
    private final Segment segment;
    private final BlockingQueue<List<Step>> steps = new ArrayBlockingQueue<>(AHEAD);
    private List<Step> chunk = new ArrayList<>(CHUNK);
    private volatile @Nullable RuntimeException bug;

    /// The one who takes has given up.
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    SegmentFeed(Disk disk, Path bodies, Segment segment) {
        this.disk = disk;
        this.bodies = bodies;
        this.segment = segment;
    }

    Segment segment() {
        return segment;
    }

    /// The next of it; empty at the end.
    List<Step> take() throws InterruptedException {
        List<Step> taken = steps.take();
        RuntimeException failed = bug;
        if (failed != null) {
            throw failed;
        }
        return taken;
    }

    @Override
    public void run() {
        try {
            try {
                if (!readIndex()) {
                    scan();
                }
            } catch (IOException unreadable) {
                put(new Step.Unreadable(unreadable));
            } catch (RuntimeException failed) {
                bug = failed;
            }
            handOver();
            steps.put(List.of());
        } catch (InterruptedException | Stopped stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean readIndex() throws IOException {
        Optional<IndexFile.Rowed> index = IndexFile.open(disk, segment);
        if (index.isEmpty()) {
            return false;
        }
        try (IndexFile.Rowed rows = index.get()) {
            rows.readAll(segment, bodies, new IndexFile.Visitor() {
                @Override
                public void message(Entry entry) {
                    put(new Step.Message(entry));
                }

                @Override
                public void other(Record record, int offset) {
                    put(step(record, offset));
                }
            });
            return true;
        } catch (IllegalArgumentException nonsense) {
            return false;
        }
    }

    private void scan() throws IOException {
        boolean[] sound = {true};
        SpoolListener noted = problem -> {
            sound[0] &= !problem.isDamage();
            put(new Step.Problem(problem));
        };
        new SegmentReader(segment.file(), segment.name(), noted).readAll((record, _, _, offset, length) -> put(record instanceof Record.Message message
                ? new Step.Message(message.entry(new Entry.Place(segment, Math.toIntExact(offset), length, message.head()), bodies))
                : step(record, Math.toIntExact(offset))));
        put(new Step.Scanned(sound[0]));
    }

    /// What waits is not to hold its reason in memory.
    private Step step(Record record, int offset) {
        return new Step.Other(record instanceof Record.Change(StateChange change) ? new Record.Change(change.recordedAt(segment.id(), offset)) : record);
    }

    private void put(Step step) {
        chunk.add(step);
        if (chunk.size() >= CHUNK) {
            try {
                handOver();
            } catch (InterruptedException stopped) {
                throw new Stopped();
            }
        }
    }

    private void handOver() throws InterruptedException {
        if (!chunk.isEmpty()) {
            steps.put(chunk);
            chunk = new ArrayList<>(CHUNK);
        }
    }
}
