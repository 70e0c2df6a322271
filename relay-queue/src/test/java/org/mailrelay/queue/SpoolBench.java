package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.mailrelay.core.settings.RelaySettings;

/// Measures the spool: octets of memory and seconds of start for so many queued messages. Run with the test class path:
/// `SpoolBench DIRECTORY [MESSAGES [OCTETS]]`; a spool that is there already is used as it is.
public final class SpoolBench {

    private static final int WINDOW = 4_000;

    private SpoolBench() {
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        int messages = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        int octets = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1_000;
        RelaySettings.Spool settings = new RelaySettings.Spool(folder, 200L << 30, 0);
        if (!Files.exists(folder.resolve("format"))) {
            fill(settings, messages, "x".repeat(octets));
        }
        start(settings, "from index files where there are any");
        removeIndexes(folder);
        start(settings, "from a scan");
        writeIndexes(folder);
        start(settings, "from index files");
    }

    private static void fill(RelaySettings.Spool settings, int messages, String body) throws IOException {
        long before = System.nanoTime();
        try (Spool spool = Spool.open(settings, problem -> System.out.println(problem))) {
            ArrayDeque<CompletableFuture<Messages.Answer>> under = new ArrayDeque<>();
            for (int i = 0; i < messages; i++) {
                under.add(Messages.store(spool, Messages.message(spool, body, 1)));
                if (under.size() >= WINDOW) {
                    under.remove().join();
                }
            }
            under.forEach(CompletableFuture::join);
            double seconds = (System.nanoTime() - before) / 1e9;
            System.out.printf("stored %,d messages of %,d octets in %.1f s: %,.0f a second, %,d syncs%n", messages, body.length(), seconds, messages / seconds, spool.status().syncs());
        }
    }

    private static void start(RelaySettings.Spool settings, String how) throws IOException {
        long used = used();
        long before = System.nanoTime();
        try (Spool spool = Spool.open(settings, problem -> System.out.println(problem))) {
            double opened = (System.nanoTime() - before) / 1e9;
            long[] replayed = {0};
            try (Replay replay = spool.replay()) {
                for (var message = replay.next(); message.isPresent(); message = replay.next()) {
                    replayed[0] += message.get().envelope().recipients().size();
                }
            }
            double all = (System.nanoTime() - before) / 1e9;
            double gigabytes = spool.status().bytes() / 1e9;
            long held = used() - used;
            System.out.printf("%s: %,d messages, %.2f GB, opened in %.2f s, replayed after %.2f s (%.2f s a GB), %,d octets of heap a message%n",
                    how, replayed[0], gigabytes, opened, all, all / gigabytes, held / Math.max(1, replayed[0]));
        }
    }

    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    private static void removeIndexes(Path folder) throws IOException {
        for (Path file : files(folder, ".index")) {
            Files.delete(file);
        }
    }

    private static void writeIndexes(Path folder) throws IOException {
        long before = System.nanoTime();
        for (Path path : files(folder, ".log")) {
            Disk.DiskFile file = new RealDisk().openForReading(path);
            Segment segment = new Segment(Segment.id(String.valueOf(path.getFileName())), path, file, file.size());
            IndexFile.write(new RealDisk(), segment);
            segment.close();
        }
        System.out.printf("indexes written in %.2f s%n", (System.nanoTime() - before) / 1e9);
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }
}
