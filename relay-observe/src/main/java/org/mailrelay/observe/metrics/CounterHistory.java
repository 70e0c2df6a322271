package org.mailrelay.observe.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Counters over time: since the operator's reset, since the relay was first started, and how fast they rise.
///
/// A thread of its own looks every 5 s and writes the sums to a file every minute and at the end; a crash costs the last minute of them.
public final class CounterHistory implements AutoCloseable {

    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final int WRITE_EVERY = 12;

    private record Sample(Instant at, SortedMap<String, Long> totals) {}

    private final Path file;
    private final Supplier<SortedMap<String, Long>> totals;
    private final InstantSource clock;
    private final SortedMap<String, Long> before = new TreeMap<>();
    private final SortedMap<String, Long> atReset = new TreeMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private Instant reset;

    /// @param file   may be missing: then all begins now
    /// @param totals since this process started
    public CounterHistory(Path file, Supplier<SortedMap<String, Long>> totals, InstantSource clock) {
        this.file = file;
        this.totals = totals;
        this.clock = clock;
        this.reset = clock.instant();
        read();
        look();
    }

    /// Begins to look by itself.
    public void start() {
        Thread.ofVirtual().name("counters").start(this::run);
    }

    private void run() {
        try {
            for (int looks = 1; !closing.await(LOOK.toMillis(), TimeUnit.MILLISECONDS); looks++) {
                look();
                if (looks % WRITE_EVERY == 0) {
                    writeQuietly();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void look() {
        Instant now = clock.instant();
        samples.addLast(new Sample(now, totals.get()));
        // one sample that is older than the longest time asked is kept: the rate counts from it
        while (samples.size() > 2 && samples.stream().skip(1).findFirst().orElseThrow().at().isBefore(now.minus(LONGEST))) {
            samples.removeFirst();
        }
    }

    /// Since the first start.
    public synchronized SortedMap<String, Long> lifetime() {
        SortedMap<String, Long> sums = new TreeMap<>(before);
        totals.get().forEach((name, count) -> sums.merge(name, count, Long::sum));
        return sums;
    }

    /// Since [#resetAt()].
    public synchronized SortedMap<String, Long> sinceReset() {
        SortedMap<String, Long> sums = lifetime();
        sums.replaceAll((name, count) -> count - atReset.getOrDefault(name, 0L));
        return sums;
    }

    public synchronized Instant resetAt() {
        return reset;
    }

    public synchronized void reset() throws IOException {
        atReset.clear();
        atReset.putAll(lifetime());
        reset = clock.instant();
        write();
    }

    /// A minute's rise of each counter, over the last `time` or as long as there are samples.
    public synchronized SortedMap<String, Double> perMinute(Duration time) {
        Instant now = clock.instant();
        Sample from = samples.getFirst();
        for (Sample sample : samples) {
            if (!sample.at().isAfter(now.minus(time))) {
                from = sample;
            }
        }
        double minutes = Math.max(1, Duration.between(from.at(), now).toMillis()) / 60_000.0;
        Map<String, Long> start = from.totals();
        SortedMap<String, Double> rates = new TreeMap<>();
        totals.get().forEach((name, count) -> rates.put(name, (count - start.getOrDefault(name, 0L)) / minutes));
        return rates;
    }

    /// What cannot be read begins anew, because figures never hold up a start.
    private void read() {
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                String[] words = line.split(" ");
                if (words.length == 2 && words[0].equals("reset")) {
                    reset = Instant.ofEpochMilli(Long.parseLong(words[1]));
                } else if (words.length == 3) {
                    before.put(words[0], Long.parseLong(words[1]));
                    atReset.put(words[0], Long.parseLong(words[2]));
                }
            }
        } catch (IOException | NumberFormatException _) {
            before.clear();
            atReset.clear();
        }
    }

    private synchronized void write() throws IOException {
        StringBuilder text = new StringBuilder("reset ").append(reset.toEpochMilli()).append('\n');
        lifetime().forEach((name, count) -> text.append(name).append(' ').append(count).append(' ').append(atReset.getOrDefault(name, 0L)).append('\n'));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void writeQuietly() {
        try {
            write();
        } catch (IOException _) {
            return;   // tried again in a minute; the spool itself complains of a disk that is full
        }
    }

    @Override
    public void close() {
        closing.countDown();
        writeQuietly();
    }
}
