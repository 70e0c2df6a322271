package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RelaySettings;

/// The one thread that writes. It takes all that is ready, appends it, syncs once for the group, then answers.
final class SpoolWriter implements Runnable {

    /// State changes alone wait this long for company.
    private static final long COMPANY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MOST_IN_GROUP = 4_096;

    sealed interface Operation {
        record Store(NewMessage message, StoreCallback done) implements Operation {}
        record Change(List<StateChange> changes, Runnable durable) implements Operation {}
        record Stop() implements Operation {}
    }

    private final BlockingQueue<Operation> operations = new LinkedTransferQueue<>();
    private final SegmentLog log;
    private final Index index;
    private final Numbers numbers;
    private final RelaySettings.Spool settings;
    private final Bodies bodies;
    private final SpoolListener problems;
    private final List<Operation.Change> unwritten = new ArrayList<>();
    private final List<Mid> abandoned = new ArrayList<>();
    private boolean stopping;
    private volatile int groupSize;
    private volatile boolean writable = true;

    SpoolWriter(SegmentLog log, Index index, Numbers numbers, RelaySettings.Spool settings, Bodies bodies, SpoolListener problems) {
        this.log = log;
        this.index = index;
        this.numbers = numbers;
        this.settings = settings;
        this.bodies = bodies;
        this.problems = problems;
    }

    void submit(Operation operation) {
        operations.add(operation);
    }

    int groupSize() {
        return groupSize;
    }

    boolean writable() {
        return writable;
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                List<Operation> group = nextGroup();
                write(group);
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
        long deadline = 0;
        boolean stores = false;
        if (!unwritten.isEmpty() || !abandoned.isEmpty()) {
            deadline = System.nanoTime() + AFTER_FAILURE_NANOS;
        }
        while (!stores && group.size() < MOST_IN_GROUP) {
            Operation operation = deadline == 0 ? operations.take() : operations.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (operation == null) {
                break;
            }
            deadline = deadline == 0 ? System.nanoTime() + COMPANY_NANOS : deadline;
            group.add(operation);
            stores = !(operation instanceof Operation.Change);
        }
        operations.drainTo(group, MOST_IN_GROUP - group.size());
        return group;
    }

    private void write(List<Operation> group) {
        List<Operation.Change> changes = new ArrayList<>(unwritten);
        List<Operation.Store> stores = new ArrayList<>();
        for (Operation operation : group) {
            switch (operation) {
                case Operation.Store store -> stores.add(store);
                case Operation.Change change -> changes.add(change);
                case Operation.Stop _ -> stopping = true;
            }
        }
        refuseBeyond(stores);
        if (stores.isEmpty() && changes.isEmpty() && abandoned.isEmpty()) {
            return;
        }
        groupSize = stores.size() + changes.size();
        try {
            List<Entry> entries = append(stores, changes);
            writable = true;
            problems.synced(log.lastSyncNanos(), groupSize);
            publish(stores, entries, changes);
        } catch (IOException failed) {
            fail(stores, changes, failed);
        }
    }

    /// Beyond `max_size` nothing new is taken; state changes always are.
    private void refuseBeyond(List<Operation.Store> stores) {
        long size = log.size() + bodies.size();
        for (var each = stores.iterator(); each.hasNext();) {
            Operation.Store store = each.next();
            size += store.message().body().length();
            if (size > settings.maxSize()) {
                each.remove();
                bodies.drop(store.message().body());
                store.done().refused(StoreRefusal.FULL);
            }
        }
    }

    private List<Entry> append(List<Operation.Store> stores, List<Operation.Change> changes) throws IOException {
        log.begin(numbers);
        for (Mid mid : abandoned) {
            log.putAbandoned(mid);
        }
        for (Operation.Change change : changes) {
            for (StateChange each : change.changes()) {
                index.find(each.mid()).ifPresent(log::speaksOf);
                log.putChange(each);
            }
        }
        List<Entry> entries = new ArrayList<>(stores.size());
        boolean ownFiles = false;
        for (Operation.Store store : stores) {
            if (store.message().body() instanceof Body.InFile own) {
                bodies.sync(own);
                ownFiles = true;
            }
            entries.add(log.putMessage(store.message(), waiting(store.message())));
        }
        if (ownFiles) {
            bodies.syncFolder();
        }
        log.commit();
        return entries;
    }

    private void publish(List<Operation.Store> stores, List<Entry> entries, List<Operation.Change> changes) {
        abandoned.clear();
        unwritten.clear();
        for (int i = 0; i < stores.size(); i++) {
            NewMessage message = stores.get(i).message();
            Entry entry = entries.get(i);
            index.enter(entry);
            keepInMemory(entry, message.body());
            bodies.stored(message.body());
            StoreCallback done = stores.get(i).done();
            guarded(() -> done.stored(new QueuedMessage(message.mid(), message.envelope(), message.origin(), message.content(),
                    message.prologue(), message.body().length(), entry.states())));
        }
        for (Operation.Change change : changes) {
            change.changes().forEach(this::apply);
            guarded(change.durable());
        }
        log.reclaim(index);
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
        if (body instanceof Body.InMemory && index.memory().get() + body.length() <= settings.memory()) {
            index.memory().addAndGet(body.length());
            entry.keep(body);
        }
    }

    private void apply(StateChange change) {
        index.find(change.mid()).ifPresent(entry -> {
            entry.change(change.recipient(), change.state());
            if (entry.finished()) {
                index.leave(entry);
                bodies.remove(entry);
            }
        });
    }

    /// Nothing of this group counts. Its stores are refused and named as abandoned in the next segment (their records may have reached
    /// the disk); its changes are tried again. The segment is never synced a second time.
    private void fail(List<Operation.Store> stores, List<Operation.Change> changes, IOException failed) {
        boolean full = String.valueOf(failed.getMessage()).contains("No space left");
        if (writable) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, log.name(), -1, "cannot be written: " + failed.getMessage()));
        }
        writable = false;
        log.abandonSegment();
        unwritten.clear();
        unwritten.addAll(changes);
        for (Operation.Store store : stores) {
            abandoned.add(store.message().mid());
            bodies.drop(store.message().body());
            store.done().refused(full ? StoreRefusal.FULL : StoreRefusal.FAILED);
        }
    }

    private static List<RecipientState> waiting(NewMessage message) {
        RecipientState fresh = new RecipientState.Waiting(0, message.origin().received(), "");
        return java.util.Collections.nCopies(message.envelope().recipients().size(), fresh);
    }
}
