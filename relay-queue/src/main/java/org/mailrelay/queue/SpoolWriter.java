package org.mailrelay.queue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.settings.RelaySettings;

/// The one thread that writes. It takes all that is ready, appends it, syncs once for the group, then answers.
final class SpoolWriter implements Runnable {

    /// State changes alone wait this long for company.
    private static final long COMPANY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /// With nothing else to do, what is sparse is compacted at this pace.
    private static final long COMPACTION_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_IN_GROUP = 4_096;
    /// Octets of bodies past which a group takes no more, so that none of its members waits long.
    private static final long LARGE_GROUP = 8 << 20;

    sealed interface Operation {
        record Store(NewMessage message, StoreCallback done) implements Operation {}
        record Change(List<StateChange> changes, Runnable durable) implements Operation {}
        /// These segments are durably deleted.
        record Gone(List<Segment> segments) implements Operation {}
        /// The reserve is set aside again.
        record Reserved() implements Operation {}
        record Stop() implements Operation {}
    }

    private final BlockingQueue<Operation> operations = new LinkedTransferQueue<>();
    private final SegmentLog log;
    private final Index index;
    private final Numbers numbers;
    private final RelaySettings.Spool settings;
    private final Bodies bodies;
    private final Reserve reserve;
    private final Keeper keeper;
    private final SpoolListener problems;
    private final List<Operation.Change> unwritten = new ArrayList<>();
    /// Refused messages whose records may have reached the disk, with the segment where they would stand.
    private final Map<Long, Long> abandoned = new HashMap<>();
    /// Compaction needs room, too: after a failure it waits until something was deleted or the reserve is set.
    private boolean compacting = true;
    private boolean stopping;
    private volatile Runnable groupTold = () -> { };
    private volatile int groupSize;
    private volatile boolean writable = true;

    SpoolWriter(SegmentLog log, Index index, Numbers numbers, RelaySettings.Spool settings, Bodies bodies, Reserve reserve, Keeper keeper, SpoolListener problems) {
        this.log = log;
        this.index = index;
        this.numbers = numbers;
        this.settings = settings;
        this.bodies = bodies;
        this.reserve = reserve;
        this.keeper = keeper;
        this.problems = problems;
    }

    void whenGroupTold(Runnable told) {
        groupTold = told;
    }

    void submit(Operation operation) {
        operations.add(operation);
    }

    int groupSize() {
        return groupSize;
    }

    /// False after a failed write until one has succeeded, and while the disk is too full for a reserve.
    boolean writable() {
        return writable && !bodies.refusing();
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                write(nextGroup());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            log.close(numbers.used());
        }
    }

    /// Waits for the first operation; then takes what else is there. A store is never kept waiting.
    private List<Operation> nextGroup() throws InterruptedException {
        List<Operation> group = new ArrayList<>();
        long octets = 0;
        boolean waits = true;
        long deadline = System.nanoTime() + patience();
        while (group.size() < MOST_IN_GROUP && octets < LARGE_GROUP) {
            Operation operation = waits ? operations.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS) : operations.poll();
            if (operation == null) {
                break;
            }
            if (group.isEmpty()) {
                deadline = Math.min(deadline, System.nanoTime() + COMPANY_NANOS);
            }
            group.add(operation);
            if (operation instanceof Operation.Store store) {
                octets += store.message().body().length();
            }
            waits &= operation instanceof Operation.Change || operation instanceof Operation.Gone;
        }
        return group;
    }

    /// How long to wait for a first operation.
    private long patience() {
        if (!unwritten.isEmpty() || !abandoned.isEmpty()) {
            return AFTER_FAILURE_NANOS;
        }
        return compacting && log.compactable(room()) ? COMPACTION_NANOS : TimeUnit.DAYS.toNanos(1);
    }

    private void write(List<Operation> group) {
        List<Operation.Change> changes = new ArrayList<>(unwritten);
        List<Operation.Store> stores = new ArrayList<>();
        for (Operation operation : group) {
            switch (operation) {
                case Operation.Store store -> stores.add(store);
                case Operation.Change change -> changes.add(change);
                case Operation.Gone(List<Segment> segments) -> {
                    log.gone(segments);
                    compacting = true;
                }
                case Operation.Reserved _ -> {
                    bodies.refuse(false);
                    compacting = true;
                }
                case Operation.Stop _ -> stopping = true;
            }
        }
        refuseBeyond(stores);
        if (!stores.isEmpty() || !changes.isEmpty() || !abandoned.isEmpty() || compacting && log.compactable(room())) {
            groupSize = stores.size() + changes.size();
            commit(stores, changes);
        }
        log.reclaim();
    }

    /// Octets that a compaction may need: on a full disk half the reserve, the other half is for completions.
    private long room() {
        return bodies.refusing() ? reserve.size() / 2 : Long.MAX_VALUE;
    }

    private void commit(List<Operation.Store> stores, List<Operation.Change> changes) {
        try {
            Appended appended = append(stores, changes);
            writable = true;
            compacting |= !bodies.refusing();
            problems.synced(log.lastSyncNanos(), groupSize);
            publish(stores, appended);
        } catch (IOException failed) {
            fail(stores, changes, failed);
        }
    }

    /// Beyond `max_size`, or with the disk so full that the reserve was given up, nothing new is taken; state changes always are.
    private void refuseBeyond(List<Operation.Store> stores) {
        long size = log.size() + bodies.size();
        for (var each = stores.iterator(); each.hasNext();) {
            Operation.Store store = each.next();
            size += store.message().body().length();
            if (size > settings.maxSize() || bodies.refusing()) {
                each.remove();
                refuse(store, StoreRefusal.FULL);
            }
        }
    }

    /// @param entries of the stores, in their order
    /// @param changes as the index keeps them
    private record Appended(List<Entry> entries, List<Operation.Change> changes) {}

    private Appended append(List<Operation.Store> stores, List<Operation.Change> changes) throws IOException {
        log.begin(numbers);
        for (Map.Entry<Long, Long> each : abandoned.entrySet()) {
            log.putAbandoned(each.getKey(), each.getValue());
        }
        if (compacting) {
            log.compact(room());
        }
        List<Operation.Change> put = new ArrayList<>(changes.size());
        for (Operation.Change change : changes) {
            put.add(put(change));
        }
        List<Entry> entries = new ArrayList<>(stores.size());
        for (Operation.Store store : stores) {
            entries.add(log.putMessage(store.message(), waiting(store.message())));
        }
        log.commit();
        return new Appended(entries, put);
    }

    private Operation.Change put(Operation.Change change) throws IOException {
        List<StateChange> kept = change.changes();
        for (int i = 0; i < change.changes().size(); i++) {
            StateChange each = change.changes().get(i);
            // On a full disk only what ends a recipient is worth the room: a try that is forgotten is a try more.
            StateChange put = bodies.refusing() && !each.state().isFinal() ? each : log.putChange(each);
            if (put.state() != each.state()) {
                kept = kept == change.changes() ? new ArrayList<>(kept) : kept;
                kept.set(i, put);
            }
        }
        return kept == change.changes() ? change : new Operation.Change(kept, change.durable());
    }

    private void publish(List<Operation.Store> stores, Appended appended) {
        List<Entry> entries = appended.entries();
        abandoned.clear();
        unwritten.clear();
        for (int i = 0; i < stores.size(); i++) {
            NewMessage message = stores.get(i).message();
            Entry entry = entries.get(i);
            index.enter(entry);
            keepInMemory(entry, message.body());
            bodies.stored(message.body());
            StoreCallback done = stores.get(i).done();
            QueuedMessage queued = new QueuedMessage(message.mid(), message.envelope(), message.origin(), message.content(), message.prologue(),
                    message.body().length(), waiting(message));
            guarded(() -> done.stored(queued));
        }
        for (Operation.Change change : appended.changes()) {
            apply(change.changes());
            guarded(change.durable());
        }
        guarded(groupTold);
    }

    /// A bug of those who are told must not end the only thread that writes.
    private void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException bug) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, log.name(), -1, "what was told of a durable change failed: " + bug));
        }
    }

    private void keepInMemory(Entry entry, Body body) {
        if (body instanceof Body.InMemory kept && index.memory().get() + body.length() <= settings.memory()) {
            index.memory().addAndGet(body.length());
            entry.keep(kept);
        }
    }

    /// Changes of one message that stand side by side are applied in one go: a message may have thousands of recipients.
    private void apply(List<StateChange> changes) {
        int from = 0;
        while (from < changes.size()) {
            int to = from + 1;
            while (to < changes.size() && changes.get(to).mid().equals(changes.get(from).mid())) {
                to++;
            }
            @Nullable Entry entry = index.find(changes.get(from).mid());
            if (entry != null) {
                index.change(entry, changes.subList(from, to));
                if (entry.finished()) {
                    index.leave(entry.mid);
                    bodies.remove(entry);
                }
            }
            from = to;
        }
    }

    /// Nothing of this group counts. Its stores are refused and named as abandoned in the next segment (their records may have reached
    /// the disk); its changes are tried again. The segment is never synced a second time.
    private void fail(List<Operation.Store> stores, List<Operation.Change> changes, IOException failed) {
        boolean full = Disk.full(failed);
        if (writable && !(full && bodies.refusing())) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, log.name(), -1, "cannot be written: " + failed.getMessage()));
        }
        writable = false;
        compacting = false;
        long among = log.abandonSegment();
        unwritten.clear();
        unwritten.addAll(changes);
        for (Operation.Store store : stores) {
            abandoned.put(store.message().mid().value(), among);
            refuse(store, full ? StoreRefusal.FULL : StoreRefusal.FAILED);
        }
        if (full) {
            useReserve();
        }
    }

    /// What was set aside becomes room for completions and compaction; new mail is refused until it is set aside again.
    private void useReserve() {
        bodies.refuse(true);
        boolean room = reserve.giveUp();
        keeper.setReserve();
        if (room) {
            compacting = true;
            List<Operation.Change> again = List.copyOf(unwritten);
            commit(List.of(), again);
        }
    }

    private void refuse(Operation.Store store, StoreRefusal why) {
        bodies.drop(store.message().body());
        guarded(() -> store.done().refused(why));
    }

    private static List<RecipientState> waiting(NewMessage message) {
        RecipientState fresh = new RecipientState.Waiting(0, message.origin().received(), "");
        return java.util.Collections.nCopies(message.envelope().recipients().size(), fresh);
    }
}
