package org.mailrelay.bench.endtoend;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Measures a relay that is started with a long queue: when it answers, when it delivers, what operators wait for, how fast the queue drains.
@Command(name = "bench/million", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Writes a long queue, starts the relay on it, and prints how long start, lists and orders take, and how fast it drains.")
public final class LongQueue implements Callable<Integer> {

    private static final long TICK_NANOS = 5_000_000;
    private static final String QUEUED = "queued.example";
    /// Nothing listens there.
    private static final int REFUSING = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();
    @Option(names = "--messages", defaultValue = "1000000", description = "in the queue (default ${DEFAULT-VALUE})")
    private int messages;
    @Option(names = "--size", defaultValue = "1024", description = "octets of a body (default ${DEFAULT-VALUE})")
    private int size;
    @Option(names = "--domains", defaultValue = "1000", description = "recipients' domains (default ${DEFAULT-VALUE})")
    private int domains;
    @Option(names = "--dead", description = "the queue is for a host that refuses connections; live mail comes beside it")
    private boolean dead;
    @Option(names = "--deferred", defaultValue = "0", description = "each message was put off by its host with so many octets of words, and waits for its time")
    private int deferred;
    @Option(names = "--cut-off", description = "without index files, as after a crash that came before any was written")
    private boolean cutOff;
    @Option(names = "--live", defaultValue = "10000", description = "live messages beside a dead host (default ${DEFAULT-VALUE})")
    private int live;
    @Option(names = "--outbound", defaultValue = "100", description = "outbound connections allowed (default ${DEFAULT-VALUE})")
    private int outbound;
    @Option(names = "--drain", defaultValue = "60", description = "most seconds to watch it drain (default ${DEFAULT-VALUE})")
    private int drain;
    @Option(names = "--made", description = "a folder where the queue is kept for the next run; written when it is not there")
    private @Nullable Path made;
    @Option(names = "--launcher", required = true, description = "the relay's launcher")
    private Path launcher = Path.of("mailrelay");

    private PrintWriter out = new PrintWriter(System.out);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LongQueue()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        out = spec.commandLine().getOut();
        Path folder = made == null ? Files.createTempDirectory("mailrelay-bench") : Files.createTempDirectory(made.toAbsolutePath().getParent(), "mailrelay-bench");
        Backlog backlog = new Backlog(messages, size, domains, QUEUED, deferred);
        backlog.put(folder.resolve("spool"), Optional.ofNullable(made), cutOff, out);
        Books queued = new Books(messages);
        AtomicReference<Books> current = new AtomicReference<>(queued);
        try (Sink sink = new Sink(current::get, Duration.ZERO, null)) {
            String routes = "{.%s: [{host: 127.0.0.1, port: %d}], ALL: [{host: 127.0.0.1, port: %d}]}".formatted(QUEUED, dead ? REFUSING : sink.port(), sink.port());
            long begun = System.nanoTime();
            try (RelayProcess relay = new RelayProcess(launcher, folder, routes, false, outbound)) {
                row("from start to the first 220", relay.startSeconds());
                if (dead) {
                    besideLiveMail(relay, current);
                } else if (deferred > 0) {
                    await(() -> takenUp(relay), 120);
                    row("from start to all of it taken up", (System.nanoTime() - begun) / 1e9);
                    memory(relay);
                    timed(relay, "suspend delivery", "suspend", "delivery");
                    operate(relay);
                    drain(relay, queued);
                } else {
                    await(() -> queued.arrivals() > 0, 120);
                    row("from start to the first delivery", (queued.firstArrivalNanos().orElseThrow() - begun) / 1e9);
                    memory(relay);
                    timed(relay, "suspend delivery", "suspend", "delivery");
                    operate(relay);
                    drain(relay, queued);
                }
                memory(relay);
            }
        }
        out.printf(Locale.ROOT, "  twice %d, damaged %d%n", queued.duplicates(), queued.damagedCount());
        out.flush();
        return queued.duplicates() == 0 && queued.damagedCount() == 0 ? 0 : 1;
    }

    /// A list waits until all of the queue is there.
    private static boolean takenUp(RelayProcess relay) {
        try {
            return relay.command("queue", "--limit", "1").lines() > 0;
        } catch (IOException | InterruptedException failed) {
            return false;
        }
    }

    private void operate(RelayProcess relay) throws IOException, InterruptedException {
        timed(relay, "status", "status");
        timed(relay, "queue, the first page", "queue", "--limit", "20");
        timed(relay, "queue, all of one domain", "queue", "domain:d7.*");
        timed(relay, "queue, all of it", "queue");
        timed(relay, "tophosts", "tophosts");
        timed(relay, "hold all", "hold", "--yes", "all");
        timed(relay, "release all", "release", "--yes", "all");
        timed(relay, "retry all", "retry", "--yes", "all");
    }

    private void besideLiveMail(RelayProcess relay, AtomicReference<Books> current) throws IOException, InterruptedException {
        live("at once, at full speed", relay, current, live, 0);
        memory(relay);
        long begun = System.nanoTime();
        await(() -> waits(relay) >= messages, 240);
        row("every message has its line of why it waits, after", (System.nanoTime() - begun) / 1e9);
        live("later, at full speed", relay, current, live, 0);
        Thread orders = Thread.ofVirtual().start(() -> {
            try {
                operate(relay);
            } catch (IOException | InterruptedException failed) {
                out.println("  an order failed: " + failed);
            }
        });
        live("200 a second during orders", relay, current, live / 4, 200);
        orders.join();
        out.printf(Locale.ROOT, "  lines of why a message waits: %,d%n", waits(relay));
    }

    private void live(String when, RelayProcess relay, AtomicReference<Books> current, int count, int rate) throws IOException, InterruptedException {
        Books books = new Books(count);
        current.set(books);
        long begun = System.nanoTime();
        new Generator(relay.port(), new Generator.Load(rate == 0 ? 50 : 4, size, rate, 1), books).run();
        boolean all = books.missing().await(2, TimeUnit.MINUTES);
        double[] latency = books.endToEndMillis();
        out.printf(Locale.ROOT, "  live mail, %-27s %,.0f a second, first after %.2f s, end to end p50 %.1f p99 %.1f max %.1f ms%s%n", when + ":", books.deliveredPerSecond(),
                (books.firstArrivalNanos().orElse(begun) - begun) / 1e9, at(latency, 0.5), at(latency, 0.99), at(latency, 1), all ? "" : ", missing " + books.missing().getCount());
        out.flush();
    }

    private static double at(double[] ascending, double share) {
        return ascending.length == 0 ? Double.NaN : ascending[(int) Math.round(share * (ascending.length - 1))];
    }

    private void drain(RelayProcess relay, Books queued) throws IOException, InterruptedException {
        relay.command("resume", "delivery");
        long before = queued.arrivals();
        long begun = System.nanoTime();
        boolean done = queued.missing().await(drain, TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - begun) / 1e9;
        out.printf(Locale.ROOT, "  drained %,d of %,d in %.1f s: %,.0f a second%n", queued.arrivals() - before, messages - before, seconds, (queued.arrivals() - before) / seconds);
        if (!done) {
            relay.command("suspend", "delivery");
        }
    }

    private static long waits(RelayProcess relay) {
        try (Stream<Path> logs = Files.list(relay.folder().resolve("logs").resolve("mail_logs"))) {
            long count = 0;
            for (Path log : logs.filter(Files::isRegularFile).toList()) {
                try (Stream<String> lines = Files.lines(log)) {
                    count += lines.filter(line -> line.contains(" waits: ")).count();
                }
            }
            return count;
        } catch (IOException | java.io.UncheckedIOException rolled) {
            return 0;
        }
    }

    private void timed(RelayProcess relay, String what, String... words) throws IOException, InterruptedException {
        RelayProcess.Answer answer = relay.command(words);
        out.printf(Locale.ROOT, "  %-50s %8.2f s  (%,d lines; %s)%n", what, answer.seconds(), answer.lines(), answer.last());
        out.flush();
    }

    private void memory(RelayProcess relay) throws IOException {
        out.printf(Locale.ROOT, "  resident, MiB: %d, peak %d%n", relay.residentMebibytes(), relay.peakResidentMebibytes());
        out.flush();
    }

    private void row(String what, double seconds) {
        out.printf(Locale.ROOT, "  %-50s %8.2f s%n", what, seconds);
        out.flush();
    }

    private static void await(BooleanSupplier what, int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!what.getAsBoolean() && System.nanoTime() < end) {
            LockSupport.parkNanos(TICK_NANOS);
        }
    }
}
