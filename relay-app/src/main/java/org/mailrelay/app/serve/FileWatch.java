package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.mailrelay.core.settings.Settings;

/// Looks at files that the relay has read, and tells when some have changed and been still for a while: a file that is being written is not read half.
/// A virtual thread of its own.
final class FileWatch implements AutoCloseable {

    static final Duration STILL = Duration.ofSeconds(2);

    /// Told one after the other.
    interface Changes {

        /// Files of the folder, or keys that sign mail.
        void configuration();

        /// Certificates of listeners, authorities of theirs and of those who know users: no setting shows a change of them.
        void listeners(List<String> files);
    }

    private final Path folder;
    private final CurrentSettings current;
    private final Duration still;
    private final Changes changes;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Set<Path> alsoNamed = Set.of();

    FileWatch(Path folder, CurrentSettings current, Duration still, Changes changes) {
        this.folder = folder;
        this.current = current;
        this.still = still;
        this.changes = changes;
        Watched configuration = new Watched(configuration());
        Watched listeners = new Watched(listeners());
        Thread.ofVirtual().name("conf-watch").start(() -> watch(configuration, listeners));
    }

    /// Files of keys that a configuration names which was not taken.
    void alsoNamed(Set<Path> files) {
        alsoNamed = files;
    }

    private void watch(Watched configuration, Watched listeners) {
        try {
            while (!closed.await(still.toMillis(), TimeUnit.MILLISECONDS)) {
                boolean changed = configuration.settled(configuration()).isPresent();
                if (changed && current.get().relay().reloadOnChange()) {
                    changes.configuration();
                }
                Map<String, String> now = listeners();
                List<String> files = listeners.settled(now).map(before -> changedIn(before, now)).orElse(List.of());
                if (!files.isEmpty() && current.get().relay().reloadOnChange()) {
                    changes.listeners(files);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Those that were there before: one that only settings name now was read with them.
    private static List<String> changedIn(Map<String, String> before, Map<String, String> now) {
        return now.entrySet().stream().filter(file -> before.containsKey(file.getKey()) && !file.getValue().equals(before.get(file.getKey()))).map(Map.Entry::getKey).toList();
    }

    /// Marks of files, as they were when a change was last told, and as they were seen since.
    private static final class Watched {
        private Map<String, String> told;
        private Map<String, String> seen;

        private Watched(Map<String, String> first) {
            told = first;
            seen = first;
        }

        /// @return how they were before, where they are otherwise and have been still
        private Optional<Map<String, String>> settled(Map<String, String> now) {
            boolean moving = !now.equals(seen);
            seen = now;
            if (moving || now.equals(told)) {
                return Optional.empty();
            }
            Map<String, String> before = told;
            told = now;
            return Optional.of(before);
        }
    }

    /// A folder that cannot be read has no files: the reload will say why.
    private Map<String, String> configuration() {
        Map<String, String> marks = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().endsWith(".yaml")).forEach(file -> mark(marks, file));
        } catch (IOException unreadable) {
            marks.put(folder.toString(), unreadable.toString());
        }
        current.get().dkim().keys().forEach(key -> mark(marks, key.file()));
        alsoNamed.forEach(file -> mark(marks, file));
        return marks;
    }

    private Map<String, String> listeners() {
        Map<String, String> marks = new TreeMap<>();
        Settings now = current.get();
        now.authSources().authorities().forEach(file -> mark(marks, file));
        now.relay().listeners().stream().flatMap(listener -> listener.tls().stream()).flatMap(tls -> tls.files().stream()).forEach(file -> mark(marks, file));
        return marks;
    }

    private static void mark(Map<String, String> marks, Path file) {
        try {
            marks.put(file.toString(), Files.getLastModifiedTime(file) + " " + Files.size(file));
        } catch (IOException gone) {
            marks.put(file.toString(), gone.toString());
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
