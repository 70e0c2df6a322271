package org.mailrelay.bench.endtoend;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.mailrelay.testkit.tls.TestCa;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What many clients at once cost the relay. Exit status 1 when a session was lost, a connection failed, or an honest client was refused.
@Command(name = "bench/load", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Holds idle TLS sessions, opens connections at a rate, and floods from one address while others send; prints memory, processor time and latency.")
public final class Load implements Callable<Integer> {

    private static final int MOST_HELD = 8_000;
    private static final String EHLO = "EHLO client.bench.example\r\n";
    private static final List<String> IDLE = List.of(EHLO, "STARTTLS\r\n", EHLO);
    private static final List<String> GREET_AND_QUIT = List.of("QUIT\r\n");
    private static final List<String> MESSAGE = List.of(EHLO, "MAIL FROM:<a@bench.example>\r\n", "RCPT TO:<b@d.bench.example>\r\n", "DATA\r\n",
            "X-Bench-Number: 0\r\nX-Bench-Sum: 0\r\n\r\n" + ("x".repeat(76) + "\r\n").repeat(26) + ".\r\n", "QUIT\r\n");

    @Spec
    private CommandSpec spec = CommandSpec.create();
    @Option(names = "--sessions", defaultValue = "10000", description = "idle TLS sessions (default ${DEFAULT-VALUE}; 0: not that)")
    private int sessions;
    @Option(names = "--rate", defaultValue = "2000", description = "new connections a second (default ${DEFAULT-VALUE}; 0: not that)")
    private int rate;
    @Option(names = "--seconds", defaultValue = "8", description = "of each rate and flood (default ${DEFAULT-VALUE})")
    private int seconds;
    @Option(names = "--flood", defaultValue = "500", description = "connections that one address keeps opening at once (default ${DEFAULT-VALUE}; 0: not that)")
    private int flood;
    @Option(names = "--launcher", required = true, description = "the relay's launcher")
    private Path launcher = Path.of("mailrelay");

    private boolean allWell = true;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Load()).execute(arguments));
    }

    private void print(String format, Object... values) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    private interface Measurement {
        void take(RelayProcess relay, Crowd crowd) throws IOException, InterruptedException;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (sessions > 0) {
            with("{access: RELAY, tls: preferred, max_connections: 100000}", this::idle);
        }
        if (rate > 0) {
            with("{access: RELAY, tls: preferred, max_connections: 100000}", this::connections);
        }
        if (flood > 0) {
            with("{access: RELAY, tls: preferred, max_connections: 50}", this::flood);
        }
        return allWell ? 0 : 1;
    }

    private void with(String policy, Measurement measurement) throws IOException, InterruptedException {
        Books none = new Books(1);
        Path folder = Files.createTempDirectory("mailrelay-load");
        TestCa.PemFiles pem = new TestCa(Instant.now()).good("localhost").write(folder, "listener");
        try (Sink sink = new Sink(() -> none, Duration.ZERO, null);
                RelayProcess relay = new RelayProcess(launcher, folder, "{ALL: [{host: 127.0.0.1, port: %d}]}".formatted(sink.port()),
                        new RelayProcess.Terms(false, 100, ", tls: {certificate: %s, key: %s}".formatted(pem.chain(), pem.key()), policy), null);
                Crowd crowd = new Crowd(relay.port())) {
            measurement.take(relay, crowd);
        }
    }

    private void idle(RelayProcess relay, Crowd crowd) throws IOException, InterruptedException {
        openIdle(crowd, 100);   // what the first sessions load is there to stay
        crowd.hangUp();
        collect(relay);
        long before = relay.residentKibibytes();
        long heapBefore = heapKibibytes(relay);
        double cpu = relay.cpuSeconds();
        long began = System.nanoTime();
        int opened = openIdle(crowd, sessions);
        double took = (System.nanoTime() - began) / 1e9;
        double opening = relay.cpuSeconds() - cpu;
        long after = relay.residentKibibytes();
        collect(relay);
        long heap = heapKibibytes(relay) - heapBefore;
        double idleFrom = relay.cpuSeconds();
        LockSupport.parkNanos(Duration.ofSeconds(5).toNanos());
        double idle = relay.cpuSeconds() - idleFrom;
        double[] beside = latencies(crowd, 50, 100);
        int left = crowd.open();
        allWell &= opened == sessions && left == sessions && beside.length == 100;
        print("%d idle TLS sessions (%d opened in %.1f s, %.2f ms of CPU each; %d still open)", sessions, opened, took, opening * 1000 / sessions, left);
        print("  resident MiB before %d, with them %d: %.1f KiB a session, of it %.1f KiB heap; peak %d MiB", before / 1024, after / 1024, (after - before) / (double) sessions,
                heap / (double) sessions, relay.peakResidentMebibytes());
        print("  CPU with all idle %.1f %% of a core; beside them 100 messages, connection to 221: p50 %.1f ms  p99 %.1f ms", idle * 20, at(beside, 0.5), at(beside, 0.99));
    }

    private int openIdle(Crowd crowd, int count) throws InterruptedException {
        Semaphore atOnce = new Semaphore(64);
        AtomicInteger opened = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            atOnce.acquire();
            crowd.call("127.0.1." + (1 + i % 100), IDLE, new Caller.Watch(() -> { }, success -> {
                opened.addAndGet(success ? 1 : 0);
                atOnce.release();
                all.countDown();
            }));
        }
        all.await(1, TimeUnit.MINUTES);
        return opened.get();
    }

    /// A full collection, so that the heap in use is what is held.
    private static void collect(RelayProcess relay) throws IOException, InterruptedException {
        jcmd(relay, "GC.run");
    }

    private static long heapKibibytes(RelayProcess relay) throws IOException, InterruptedException {
        // " DefNew  total 19648K, used 1234K …" and " Tenured  total …", or those of the parallel collector; the lines of their spaces say how full they are in per cent
        return jcmd(relay, "GC.heap_info").lines().filter(line -> line.matches(" *(DefNew|Tenured|PSYoungGen|ParOldGen) .*used \\d+K.*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*used (\\d+)K.*", "$1"))).sum();
    }

    private static String jcmd(RelayProcess relay, String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(relay.pid()), command).redirectErrorStream(true).start();
        String said = new String(jcmd.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        jcmd.waitFor();
        return said;
    }

    private void connections(RelayProcess relay, Crowd crowd) throws IOException, InterruptedException {
        paced(crowd, rate, rate, GREET_AND_QUIT, 1);
        double cpu = relay.cpuSeconds();
        Paced result = paced(crowd, rate, rate * seconds, GREET_AND_QUIT, 1);
        double spent = relay.cpuSeconds() - cpu;
        allWell &= result.failed() == 0;
        print("%d new connections a second for %d s: %.0f a second, %d failed", rate, seconds, result.perSecond(), result.failed());
        print("  greeting after p50 %.2f ms  p99 %.2f ms  max %.1f ms; CPU %.0f us a connection, %.0f %% of a core", at(result.greeted(), 0.5), at(result.greeted(), 0.99),
                at(result.greeted(), 1), spent * 1e6 / (rate * seconds), spent * 100 * result.perSecond() / (rate * seconds));
    }

    /// @param greeted milliseconds from connecting to the greeting, ascending
    /// @param done    to the reply to the last line
    private record Paced(double perSecond, int failed, double[] greeted, double[] done) {}

    /// Connections at a rate, each on time whether or not earlier ones are done; latency counts from when each was due.
    ///
    /// @param third the third octet of the addresses, a hundred of them
    private static Paced paced(Crowd crowd, int rate, int count, List<String> script, int third) throws InterruptedException {
        ConcurrentLinkedQueue<Double> greeted = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Double> done = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(count);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + i * 1_000_000_000L / rate;
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            crowd.call("127.0." + third + "." + (1 + i % 100), script, new Caller.Watch(() -> greeted.add((System.nanoTime() - due) / 1e6), success -> {
                if (success) {
                    done.add((System.nanoTime() - due) / 1e6);
                }
                all.countDown();
            }));
        }
        all.await(30, TimeUnit.SECONDS);
        double took = (System.nanoTime() - start) / 1e9;
        return new Paced(done.size() / took, count - done.size(), sorted(greeted), sorted(done));
    }

    private static double[] latencies(Crowd crowd, int rate, int count) throws InterruptedException {
        return paced(crowd, rate, count, MESSAGE, 2).done();
    }

    private static double[] sorted(ConcurrentLinkedQueue<Double> all) {
        double[] values = all.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(values);
        return values;
    }

    private void flood(RelayProcess relay, Crowd crowd) throws IOException, InterruptedException {
        int honest = 100;
        latencies(crowd, honest, honest);
        print("a flood from one address (limit 50 at once), others send %d messages a second, a connection each:", honest);
        others("without a flood", relay, crowd, honest, () -> { });
        storm("connects and leaves at once", relay, crowd, honest, List.of(), true);
        storm("connects and stays", relay, crowd, honest, List.of(), false);
        storm("asks for TLS and stays", relay, crowd, honest, IDLE, false);
    }

    private void others(String what, RelayProcess relay, Crowd crowd, int honest, Runnable beside) throws IOException, InterruptedException {
        double cpu = relay.cpuSeconds();
        beside.run();
        Paced result = paced(crowd, honest, honest * seconds, MESSAGE, 3);
        allWell &= result.failed() == 0;
        print("  %-28s %.0f a second, %d failed, connection to 221: p50 %.1f ms  p99 %.1f ms  max %.1f ms; CPU %.0f %% of a core", what, result.perSecond(), result.failed(),
                at(result.done(), 0.5), at(result.done(), 0.99), at(result.done(), 1), (relay.cpuSeconds() - cpu) * 100 / seconds);
    }

    /// @param leaves the flood's connections are closed by the client as soon as something came, and else held
    private void storm(String what, RelayProcess relay, Crowd crowd, int honest, List<String> script, boolean leaves) throws IOException, InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        Semaphore atOnce = new Semaphore(flood);
        Crowd attackers = new Crowd(relay.port());
        Thread storm = Thread.ofVirtual().unstarted(() -> {
            while (!over.get()) {
                if (attackers.held() >= MOST_HELD) {
                    attackers.hangUp();   // the generator must not run out of descriptors before the relay does
                }
                if (!atOnce.tryAcquire()) {
                    LockSupport.parkNanos(100_000);
                    continue;
                }
                calls.incrementAndGet();
                attackers.call("127.0.0.2", leaves ? GREET_AND_QUIT : script, new Caller.Watch(() -> { }, _ -> atOnce.release()), leaves);
            }
        });
        long began = System.nanoTime();
        others(what, relay, crowd, honest, storm::start);
        over.set(true);
        storm.join();
        print("  %28s %.0f connections a second of the flood, %d held; relay's open files at the end %d", "", calls.get() / ((System.nanoTime() - began) / 1e9), attackers.open(),
                relay.openFiles());
        attackers.close();
    }

    private static double at(double[] ascending, double share) {
        return ascending.length == 0 ? Double.NaN : ascending[(int) Math.min(ascending.length - 1L, Math.round(share * (ascending.length - 1)))];
    }
}
