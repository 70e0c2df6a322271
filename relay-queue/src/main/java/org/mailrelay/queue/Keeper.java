package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Does what the writer must not wait for: creates the next segment ahead of need, writes the index files of sealed segments, deletes
/// segments that nothing needs, sets the reserve aside again. One thread; a crash between any two of its steps costs nothing.
final class Keeper implements Runnable {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /// A sealed segment waits this long for its index: most are delivered, and deleted, before.
    private static final long INDEX_AFTER_NANOS = 5 * SECOND;
    /// At an orderly stop, for the indexes that are missing.
    private static final long STOP_NANOS = 5 * SECOND;

    private sealed interface Task {
        record Prepare(long id) implements Task {}
        record Index(Segment segment, long due) implements Task {}
        record Delete(List<Segment> segments) implements Task {}
        record SetReserve() implements Task {}
        record Stop(@Nullable Segment last) implements Task {}
    }

    /// Told on the keeper's thread.
    interface Done {
        void deleted(List<Segment> segments);

        void reserved();
    }

    private final Disk disk;
    private final SpoolFolder folder;
    private final Reserve reserve;
    private final SpoolListener problems;
    private final Done done;
    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Segment> prepared = new AtomicReference<>();
    private final Deque<Task.Index> toIndex = new ArrayDeque<>();
    private final List<Segment> toDelete = new ArrayList<>();
    private boolean reserveWanted;
    private boolean reserveFailed;
    private boolean deletionFailed;
    private boolean stopping;

    Keeper(Disk disk, SpoolFolder folder, Reserve reserve, SpoolListener problems, Done done) {
        this.disk = disk;
        this.folder = folder;
        this.reserve = reserve;
        this.problems = problems;
        this.done = done;
    }

    void prepare(long id) {
        tasks.add(new Task.Prepare(id));
    }

    /// A segment that is sealed, and whole.
    void index(Segment segment) {
        tasks.add(new Task.Index(segment, System.nanoTime() + INDEX_AFTER_NANOS));
    }

    void delete(List<Segment> segments) {
        tasks.add(new Task.Delete(segments));
    }

    void setReserve() {
        tasks.add(new Task.SetReserve());
    }

    /// An orderly end, after the writer's: what has no index yet gets one, so that the next start scans nothing.
    ///
    /// @param last the segment that was written last
    void stop(@Nullable Segment last) {
        tasks.add(new Task.Stop(last));
    }

    /// The next segment, created and its name durable; empty when it is not ready. Any that was prepared for a number already passed is deleted.
    Optional<Segment> takePrepared(long after) {
        Segment ready = prepared.getAndSet(null);
        if (ready != null && ready.id() <= after) {
            delete(List.of(ready));
            return Optional.empty();
        }
        return Optional.ofNullable(ready);
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                Task task = tasks.poll(patience(), TimeUnit.NANOSECONDS);
                if (task != null) {
                    perform(task);
                } else {
                    idle();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        Segment unused = prepared.getAndSet(null);
        if (unused != null) {
            remove(unused);
        }
    }

    private long patience() {
        if (reserveWanted || !toDelete.isEmpty()) {
            return SECOND;
        }
        return toIndex.isEmpty() ? Long.MAX_VALUE : Math.max(0, toIndex.getFirst().due() - System.nanoTime());
    }

    private void perform(Task task) {
        switch (task) {
            case Task.Prepare(long id) -> create(id);
            case Task.Index index -> toIndex.add(index);
            case Task.Delete(List<Segment> segments) -> {
                toDelete.addAll(segments);
                toIndex.removeIf(waiting -> segments.contains(waiting.segment()));
                deleteAll();
            }
            case Task.SetReserve _ -> {
                reserveWanted = true;
                reserve();
            }
            case Task.Stop(Segment last) -> {
                stopping = true;
                indexAll(last);
            }
        }
    }

    private void idle() {
        deleteAll();
        reserve();
        if (!toIndex.isEmpty() && toIndex.getFirst().due() - System.nanoTime() <= 0) {
            writeIndex(toIndex.removeFirst().segment());
        }
    }

    /// As far as a stop may take: a segment that is left is scanned at the next start. One that holds no mail is as quickly scanned.
    private void indexAll(@Nullable Segment last) {
        long end = System.nanoTime() + STOP_NANOS;
        List<Segment> all = new ArrayList<>(toIndex.stream().map(Task.Index::segment).toList());
        if (last != null) {
            all.add(last);
        }
        for (Segment segment : all) {
            if (!segment.empty() && System.nanoTime() - end < 0) {
                writeIndex(segment);
            }
        }
    }

    private void reserve() {
        try {
            if (reserveWanted && reserve.set()) {
                reserveWanted = false;
                reserveFailed = false;
                done.reserved();
            }
        } catch (IOException failed) {
            if (!reserveFailed) {
                reserveFailed = true;
                problems.problem(new SpoolProblem(SpoolProblem.Severity.WARNING, "reserve", -1, "cannot be set aside: " + failed.getMessage()));
            }
        }
    }

    private void create(long id) {
        try {
            Segment created = Segment.create(disk, folder.path(), id);
            disk.syncFolder(folder.path());
            Segment late = prepared.getAndSet(created);
            if (late != null) {
                remove(late);   // the writer would not wait for it, and went on with one of its own
            }
        } catch (IOException _) {
            // The writer creates its own, and tells what hinders it.
        }
    }

    private void writeIndex(Segment segment) {
        try {
            IndexFile.write(disk, segment);
        } catch (IOException failed) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.WARNING, segment.name(), -1, "no index was written, a start will scan it: " + failed.getMessage()));
        }
    }

    /// The names go first, durably; only then may anything be deleted that spoke of these.
    private void deleteAll() {
        if (toDelete.isEmpty()) {
            return;
        }
        List<Segment> gone = new ArrayList<>();
        toDelete.removeIf(segment -> remove(segment) && gone.add(segment));
        try {
            disk.syncFolder(folder.path());
        } catch (IOException failed) {
            report(folder.path(), failed);
            toDelete.addAll(gone);
            return;
        }
        deletionFailed = !toDelete.isEmpty();
        if (!gone.isEmpty()) {
            done.deleted(gone);
        }
    }

    private boolean remove(Segment segment) {
        try {
            segment.close();
            if (segment.isDamaged()) {
                folder.setAside(disk, segment.path());
            } else {
                disk.delete(segment.path());
            }
            disk.delete(IndexFile.of(segment.path()));
            return true;
        } catch (IOException failed) {
            report(segment.path(), failed);
            return false;
        }
    }

    private void report(Path path, IOException failed) {
        if (!deletionFailed) {
            deletionFailed = true;
            problems.problem(new SpoolProblem(SpoolProblem.Severity.WARNING, String.valueOf(path.getFileName()), -1, "cannot be deleted: " + failed.getMessage()));
        }
    }
}
