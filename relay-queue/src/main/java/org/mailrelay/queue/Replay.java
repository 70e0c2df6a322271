package org.mailrelay.queue;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Reads queued messages in order of MID from the index files, each front to back: MIDs rise through a segment but for what was compacted.
/// One thread.
final class Replay implements AutoCloseable {

    /// Index files that are open at once, the least recently read is closed for another.
    private static final int OPEN = 64;
    private static final int STEP = 128 << 10;

    private final Disk disk;
    private final Map<Segment, Source> sources = new LinkedHashMap<>(OPEN * 2, 0.75f, true);

    private record Source(Disk.DiskFile file, Window window) {}

    Replay(Disk disk) {
        this.disk = disk;
    }

    /// Empty when no index file holds it any more: it is to be loaded from its segment.
    Optional<QueuedMessage> read(Entry entry) {
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
