package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RelaySettings;

/// The durable queue. Any thread may call it.
public final class Spool implements AutoCloseable {

    private final SpoolFolder folder;
    private final Disk disk;
    private final Index index;
    private final Numbers numbers;
    private final Bodies bodies;
    private final SegmentLog log;
    private final SpoolWriter writer;
    private final Reasons reasons;
    private volatile boolean closed;
    private final Keeper keeper;
    private final RelaySettings.Spool settings;
    private final SpoolListener listener;
    private final Thread writing;
    private final Thread keeping;

    private Spool(SpoolFolder folder, Disk disk, SpoolSizes sizes, RelaySettings.Spool settings, Recovery.Result recovered, SpoolListener problems) throws IOException {
        this.folder = folder;
        this.disk = disk;
        this.settings = settings;
        this.listener = problems;
        this.index = recovered.index();
        this.reasons = new Reasons(index, problems);
        this.numbers = new Numbers(recovered.numbers());
        this.bodies = new Bodies(disk, folder.bodies());
        index.forEach(bodies::found);
        Reserve reserve = new Reserve(disk, folder.path(), sizes.reserve());
        this.keeper = new Keeper(disk, folder, reserve, problems, new Keeper.Done() {
            @Override
            public void deleted(List<Segment> segments) {
                writer.submit(new SpoolWriter.Operation.Gone(segments));
            }

            @Override
            public void reserved() {
                writer.submit(new SpoolWriter.Operation.Reserved());
            }
        });
        this.log = new SegmentLog(disk, sizes.roll(), folder, index, recovered.lastSegment(), keeper, problems);
        this.writer = new SpoolWriter(log, index, numbers, settings, bodies, reserve, keeper, problems);
        bodies.refuse(!reserve.possible());
        keeper.setReserve();
        recovered.scanned().forEach(keeper::index);
        this.writing = Thread.ofPlatform().name("spool-writer").start(writer);
        this.keeping = Thread.ofPlatform().name("spool-keeper").start(keeper);
    }

    /// Opens the spool and recovers what is in it.
    ///
    /// @param problems told of damage found now, of failures later and of each sync; called on the caller's and the spool's threads
    /// @throws SpoolInUseException when another process has it, or a newer version wrote it
    public static Spool open(RelaySettings.Spool settings, SpoolListener problems) throws IOException {
        return open(new RealDisk(), settings, problems);
    }

    static Spool open(Disk disk, RelaySettings.Spool settings, SpoolListener problems) throws IOException {
        Files.createDirectories(settings.directory());
        return open(disk, SpoolSizes.of(settings.maxSize(), disk.usable(settings.directory())), settings, problems);
    }

    static Spool open(Disk disk, SpoolSizes sizes, RelaySettings.Spool settings, SpoolListener problems) throws IOException {
        SpoolFolder folder = SpoolFolder.open(settings.directory());
        try {
            return new Spool(folder, disk, sizes, settings, new Recovery(disk, folder, problems).run(), problems);
        } catch (IOException failed) {
            folder.close();
            throw failed;
        }
    }

    public Mid takeMid() {
        return new Mid(numbers.takeMid());
    }

    public Icid takeIcid() {
        return new Icid(numbers.takeIcid());
    }

    public Dcid takeDcid() {
        return new Dcid(numbers.takeDcid());
    }

    /// Collects the body of one message; see [BodyWriter] for who owns it.
    public BodyWriter newBody(Mid mid) {
        return bodies.writer(mid);
    }

    /// A body that has come whole and is not stored, from its beginning.
    public BodySource arrived(Body body) {
        return switch (body) {
            case Body.InMemory kept -> BodySource.of(kept);
            case Body.InFile own -> BodySource.of(own.length(), () -> bodies.arrived(own), (file, offset, detail) ->
                    listener.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, file, offset, detail)));
        };
    }

    /// Makes room for another body of the same message, which [#newBody] begins then. May block on the disk.
    ///
    /// @return the same body, to be read and then given up with [#drop]
    /// @throws IOException when it cannot be moved; it is as before then
    public Body moveAside(Body body) throws IOException {
        return bodies.moveAside(body);
    }

    /// Gives up a body that has come whole and will not be stored. May block on the disk.
    public void drop(Body body) {
        bodies.drop(body);
    }

    /// Stores a message; `done` is called on one of the spool's threads once it is on stable storage or refused.
    public void store(NewMessage message, StoreCallback done) {
        SpoolWriter.Operation store = new SpoolWriter.Operation.Store(message, done);
        switch (message.body()) {
            case Body.InMemory _ -> writer.submit(store);
            case Body.InFile own -> bodies.sync(own, () -> writer.submit(store), failed -> {
                listener.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, "bodies/" + own.file().getFileName(), -1, "cannot be written: " + failed.getMessage()));
                bodies.drop(own);
                done.refused(Disk.full(failed) ? StoreRefusal.FULL : StoreRefusal.FAILED);
            });
        }
    }

    /// Notes recipients' new states, at most 20 ms later. A change of a message that is gone, or of a recipient in a final state, has no effect.
    ///
    /// @param durable called on the writer thread after the sync
    public void change(List<StateChange> changes, Runnable durable) {
        writer.submit(new SpoolWriter.Operation.Change(List.copyOf(changes), durable));
    }

    /// @param told called on the writer thread when all members of a group have been told that they are durable: who follows up on several does it once
    public void whenGroupTold(Runnable told) {
        writer.whenGroupTold(told);
    }

    /// True on the thread that tells.
    public boolean telling() {
        return Thread.currentThread() == writing;
    }

    /// A message with its envelope, read from disk without its body; empty when it is not in the queue.
    ///
    /// @throws IOException when its record cannot be read or is damaged
    public Optional<QueuedMessage> load(Mid mid) throws IOException {
        Entry entry = index.find(mid);
        while (entry != null) {
            Segment segment = entry.place().segment();
            if (segment.retain()) {
                try {
                    return Optional.of(MessageReader.load(entry));
                } finally {
                    segment.release();
                }
            }
            entry = again(mid);
        }
        return Optional.empty();
    }

    /// Where it stands now that the segment it stood in is gone; a closed spool has none left.
    private @Nullable Entry again(Mid mid) throws IOException {
        if (closed) {
            throw new IOException("the spool is closed");
        }
        return index.find(mid);
    }

    /// To read all that is queued now, once, in order of MID; what is stored from now on is not among it. Meant for the start.
    public Replay replay() {
        return new Replay(this, disk, index, numbers.nextMid());
    }

    /// One that an index file does not hold, or that has moved; empty when it has left the queue, or cannot be read, which the listener is told.
    Optional<QueuedMessage> reloaded(Entry entry) {
        try {
            return load(entry.number());
        } catch (IOException unreadable) {
            Entry.Place place = entry.place();
            listener.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, place.segment().name(), place.offset(), unreadable.getMessage()));
            return Optional.empty();
        }
    }

    /// The states of a message's recipients, with the reasons of those that wait in words; empty when it is not in the queue.
    ///
    /// @throws IOException when its record cannot be read or is damaged
    public Optional<List<RecipientState>> states(Mid mid) throws IOException {
        return load(mid).map(this::inWords).map(QueuedMessage::states);
    }

    /// The same with the reasons of its recipients in words; reads the disk.
    public QueuedMessage inWords(QueuedMessage message) {
        List<RecipientState> states = IntStream.range(0, message.states().size()).mapToObj(rid -> reasons.inWords(new StateChange(message.mid(), rid, message.states().get(rid)))).toList();
        return new QueuedMessage(message.mid(), message.envelope(), message.origin(), message.content(), message.prologue(), message.bodyLength(), states);
    }

    /// Why a recipient was not delivered yet; reads the disk. Empty when it was never tried, is done, or its message is gone, and where the record cannot be read,
    /// which the listener is told.
    public String reason(Mid mid, int recipient) {
        return reasons.of(mid.value(), recipient);
    }

    /// What has become of a recipient since the message arrived, from memory; empty when it was never tried, or the message is gone.
    public Optional<RecipientState> changed(Mid mid, int recipient) {
        Entry entry = index.find(mid);
        return entry == null ? Optional.empty() : Optional.ofNullable(States.unpacked(entry.states(), entry.recipients)[recipient]);
    }

    /// The body from its beginning: from memory while it is kept there, else from its file, which is sought with the first read: this itself never
    /// waits for the disk. Empty when the message is gone. Close it: a file that is deleted meanwhile takes room until then.
    public Optional<BodySource> body(Mid mid) {
        Entry entry = index.find(mid);
        if (entry == null) {
            return Optional.empty();
        }
        return Optional.of(switch (entry.body()) {
            case Body.InMemory kept -> BodySource.of(kept);
            case Body.InFile own -> BodySource.of(own.length(), () -> bodies.open(own), damageOf(mid));
            case null -> {
                Entry.Place place = entry.place();
                yield BodySource.of(place.length() - place.head(), () -> inline(mid), damageOf(mid));
            }
        });
    }

    /// Where the record stands by now: it may have been copied to another segment.
    private BodySource.Stored inline(Mid mid) throws IOException {
        for (Entry entry = index.find(mid); entry != null; entry = again(mid)) {
            Entry.Place place = entry.place();
            if (place.segment().retain()) {
                return MessageReader.body(place);
            }
        }
        throw new IOException("MID " + mid.value() + " is no longer in the queue");
    }

    private BodySource.Damage damageOf(Mid mid) {
        return (file, offset, detail) -> listener.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, file, offset, "MID " + mid.value() + ": " + detail));
    }

    /// Gives up the copy in memory, for instance after a first attempt that failed.
    public void releaseMemory(Mid mid) {
        Entry entry = index.find(mid);
        if (entry != null) {
            index.memory().addAndGet(-entry.release());
        }
    }

    /// The numbers of all queued messages, in their order.
    public Stream<Mid> messages() {
        return index.all().stream().map(Entry::number);
    }

    public SpoolStatus status() {
        return new SpoolStatus(index.size(), log.size() + bodies.size(), settings.maxSize(), index.memory().get(), index.segments().count(),
                log.syncs(), log.lastSyncNanos(), writer.groupSize(), writer.writable());
    }

    public Path directory() {
        return folder.path();
    }

    /// Writes what is under way and ends. Nothing may be submitted after this.
    @Override
    public void close() throws IOException {
        closed = true;
        bodies.close();
        writer.submit(new SpoolWriter.Operation.Stop());
        try {
            writing.join();
            keeper.stop(log.last());
            keeping.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Segment segment : index.segments().all()) {
            segment.close();
        }
        folder.close();
    }
}
