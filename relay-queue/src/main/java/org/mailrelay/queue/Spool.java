package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RelaySettings;

/// The durable queue. Any thread may call it.
public final class Spool implements AutoCloseable {

    private static final long ROLL = 64L << 20;

    private final SpoolFolder folder;
    private final Index index;
    private final Numbers numbers;
    private final Bodies bodies;
    private final SegmentLog log;
    private final SpoolWriter writer;
    private final RelaySettings.Spool settings;
    private final SpoolListener listener;
    private final Thread thread;

    private Spool(SpoolFolder folder, Disk disk, long roll, RelaySettings.Spool settings, Recovery.Result recovered, SpoolListener problems) {
        this.folder = folder;
        this.settings = settings;
        this.listener = problems;
        this.index = recovered.index();
        this.numbers = new Numbers(recovered.numbers());
        this.bodies = new Bodies(disk, folder.bodies());
        index.all().forEach(bodies::found);
        this.log = new SegmentLog(disk, roll, folder, index, recovered.lastSegment(), problems);
        this.writer = new SpoolWriter(log, index, numbers, settings, bodies, problems);
        this.thread = Thread.ofPlatform().name("spool-writer").start(writer);
    }

    /// Opens the spool and recovers what is in it.
    ///
    /// @param problems told of damage found now, of failures later and of each sync; called on the caller's and the writer's thread
    /// @throws SpoolInUseException when another process has it, or a newer version wrote it
    public static Spool open(RelaySettings.Spool settings, SpoolListener problems) throws IOException {
        return open(new RealDisk(), settings, problems);
    }

    static Spool open(Disk disk, RelaySettings.Spool settings, SpoolListener problems) throws IOException {
        return open(disk, ROLL, settings, problems);
    }

    static Spool open(Disk disk, long roll, RelaySettings.Spool settings, SpoolListener problems) throws IOException {
        SpoolFolder folder = SpoolFolder.open(settings.directory());
        try {
            return new Spool(folder, disk, roll, settings, new Recovery(disk, folder, problems).run(), problems);
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

    /// Stores a message; `done` is called on the writer thread once it is on stable storage or refused.
    public void store(NewMessage message, StoreCallback done) {
        writer.submit(new SpoolWriter.Operation.Store(message, done));
    }

    /// Notes recipients' new states, at most 20 ms later. A change of a message that is gone, or of a recipient in a final state, has no effect.
    ///
    /// @param durable called on the writer thread after the sync
    public void change(List<StateChange> changes, Runnable durable) {
        writer.submit(new SpoolWriter.Operation.Change(List.copyOf(changes), durable));
    }

    /// A message with its envelope, read from disk; empty when it is not in the queue.
    ///
    /// @throws IOException when its record cannot be read or is damaged
    public Optional<QueuedMessage> load(Mid mid) throws IOException {
        Optional<Entry> entry = index.find(mid);
        return entry.isPresent() ? Optional.of(MessageReader.load(entry.get())) : Optional.empty();
    }

    /// Hands over every queued message once, in order of MID, and keeps none of them. Meant for the start; a message that arrives or
    /// leaves meanwhile may be among them or not. One that cannot be read is reported to the listener and left out.
    public void replay(Consumer<QueuedMessage> each) {
        for (Mid mid : messages().sorted().toList()) {
            Optional<QueuedMessage> message = Optional.empty();
            try {
                message = load(mid);
            } catch (IOException unreadable) {
                listener.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, "MID " + mid, -1, String.valueOf(unreadable.getMessage())));
            }
            message.ifPresent(each);
        }
    }

    /// The states of a message's recipients; empty when it is not in the queue.
    public Optional<List<RecipientState>> states(Mid mid) {
        return index.find(mid).map(Entry::states);
    }

    /// The body from its beginning: from memory while it is kept there, else from its file. Empty when the message is gone.
    public Optional<BodySource> body(Mid mid) throws IOException {
        Optional<Entry> found = index.find(mid);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Entry entry = found.get();
        if (entry.memory() instanceof Body.InMemory kept) {
            return Optional.of(BodySource.of(kept));
        }
        if (entry.bodyFile != null) {
            return Optional.of(BodySource.of(bodies.open(entry.bodyFile), 0, entry.bodyLength, entry.bodyChecksum, true));
        }
        Entry.Place place = entry.place();
        return Optional.of(BodySource.of(place.segment().file(), place.offset() + place.bodyOffset(), entry.bodyLength, entry.bodyChecksum, false));
    }

    /// Gives up the copy in memory, for instance after a first attempt that failed.
    public void releaseMemory(Mid mid) {
        index.find(mid).ifPresent(entry -> index.memory().addAndGet(-entry.keep(null)));
    }

    /// The numbers of all queued messages, in no order.
    public Stream<Mid> messages() {
        return index.all().stream().map(entry -> entry.mid);
    }

    public SpoolStatus status() {
        return new SpoolStatus(index.size(), log.size() + bodies.size(), settings.maxSize(), index.memory().get(), index.segments().size(),
                log.syncs(), log.lastSyncNanos(), writer.groupSize(), writer.writable());
    }

    public Path directory() {
        return folder.path();
    }

    /// Writes what is under way and ends. Nothing may be submitted after this.
    @Override
    public void close() throws IOException {
        writer.submit(new SpoolWriter.Operation.Stop());
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        folder.close();
    }
}
