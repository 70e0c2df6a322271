package org.mailrelay.queue;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Hands over the messages that were queued when it was made, in order of MID, from the index files, each read front to back: MIDs rise through a segment but
/// for what was compacted. One that leaves the queue meanwhile may be handed over or not. For one thread; close it before the spool.
public final class Replay implements AutoCloseable {

    /// Index files that are open at once, the least recently read is closed for another.
    private static final int OPEN = 64;
    private static final int STEP = 128 << 10;

    private final Spool spool;
    private final Disk disk;
    private final Index index;
    private final long below;
    private final Map<Segment, Source> sources = new LinkedHashMap<>(OPEN * 2, 0.75f, true);
    private @Nullable Iterator<Entry> entries;

    private record Source(Disk.DiskFile file, Window window) {}

    /// @param below the first MID that is not of it
    Replay(Spool spool, Disk disk, Index index, long below) {
        this.spool = spool;
        this.disk = disk;
        this.index = index;
        this.below = below;
    }

    /// The next one; empty when there is no more. One that cannot be read is reported to the spool's listener and passed over.
    public Optional<QueuedMessage> next() {
        if (entries == null) {
            entries = index.all().iterator();
        }
        while (entries.hasNext()) {
            Entry entry = entries.next();
            Optional<QueuedMessage> message = entry.mid < below ? read(entry).or(() -> spool.reloaded(entry)) : Optional.empty();
            if (message.isPresent()) {
                return message;
            }
        }
        return Optional.empty();
    }

    /// Empty when no index file holds it any more: it is to be loaded from its segment.
    private Optional<QueuedMessage> read(Entry entry) {
        Segment segment = entry.place().segment();
        int row = entry.row();
        if (row < 0) {
            return Optional.empty();
        }
        try {
            Record.Message message = IndexFile.head(source(segment).window(), row);
            return message.mid().value() == entry.mid ? Optional.of(MessageReader.queued(message, entry)) : Optional.empty();
        } catch (IOException | IllegalArgumentException changed) {
            return Optional.empty();
        }
    }

    private Source source(Segment segment) throws IOException {
        Source known = sources.get(segment);
        if (known != null) {
            return known;
        }
        if (sources.size() >= OPEN) {
            Source eldest = sources.remove(sources.keySet().iterator().next());
            eldest.file().close();
        }
        Disk.DiskFile file = disk.openForReading(IndexFile.of(segment.path()));
        Source source = new Source(file, new Window(file, segment.name(), STEP));
        sources.put(segment, source);
        return source;
    }

    @Override
    public void close() {
        for (Source source : sources.values()) {
            try {
                source.file().close();
            } catch (IOException _) {
                // Only read from.
            }
        }
    }
}
