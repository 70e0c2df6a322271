package org.mailrelay.app.simulate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.observe.session.SessionRecords;
import org.mailrelay.observe.store.LineStore;

/// The records of connections that a relay keeps, read beside it: nothing is written, and what it has not yet written (a second at most) is not seen.
public final class StoredRecords {

    private final Path folder;

    private StoredRecords(Path folder) {
        this.folder = folder;
    }

    /// @param folder the spool's, or its folder `tracking`
    public static StoredRecords in(Path folder) {
        Path below = folder.resolve("tracking");
        return new StoredRecords(Files.isDirectory(below) ? below : folder);
    }

    public static StoredRecords of(RelaySettings relay) {
        return new StoredRecords(relay.spool().directory().resolve("tracking"));
    }

    public Path folder() {
        return folder;
    }

    public boolean exist() {
        return Files.isDirectory(folder);
    }

    /// @throws IOException also where the folder may not be read
    public void read(Instant from, Instant to, SessionRecords.Reader reader) throws IOException {
        LineStore.Bounds unused = new LineStore.Bounds(Duration.ofDays(1), Long.MAX_VALUE);
        try (LineStore store = new LineStore(folder, "connections", unused, InstantSource.system())) {
            new SessionRecords(store, Optional.empty()).read(from, to, reader);
        }
    }
}
