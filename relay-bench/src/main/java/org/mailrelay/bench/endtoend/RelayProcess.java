package org.mailrelay.bench.endtoend;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The relay as a user starts it, with a configuration and a folder of its own.
final class RelayProcess implements AutoCloseable {

    private static final long TICK_NANOS = 10_000_000;

    private final Path launcher;
    private final Process process;
    private final Path folder;
    private final int port;
    private final long startNanos;

    RelayProcess(Path launcher, String routes, boolean tls, int connections, @Nullable Path cache) throws IOException {
        this(launcher, Files.createTempDirectory("mailrelay-bench"), routes, tls, connections, cache);
    }

    RelayProcess(Path launcher, Path folder, String routes, boolean tls, int connections) throws IOException {
        this(launcher, folder, routes, tls, connections, null);
    }

    /// @param folder where it keeps everything, deleted with it; a queue may wait there already, in `spool`
    /// @param routes as they stand behind the key of routes.yaml
    /// @param cache  the start-up cache to be written at its end, if any
    private RelayProcess(Path launcher, Path folder, String routes, boolean tls, int connections, @Nullable Path cache) throws IOException {
        this(launcher, folder, routes, new Terms(tls, connections, "", "{access: RELAY, tls: off, max_message_size: 64MiB}"), cache);
    }

    /// @param tls         STARTTLS to where mail goes
    /// @param connections thither at most
    /// @param listenerTls `, tls: {…}` of the listener, or nothing
    /// @param policy      the mail flow policy of all clients
    record Terms(boolean tls, int connections, String listenerTls, String policy) {}

    RelayProcess(Path launcher, Path folder, String routes, Terms terms, @Nullable Path cache) throws IOException {
        this.launcher = launcher;
        this.folder = folder;
        port = freePort();
        Path conf = Files.createDirectory(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), """
                root: %s
                hostname: relay.bench.example
                reload: manual
                listeners: [{name: bench, address: 127.0.0.1:%d%s}]
                delivery: {connections: %d}
                dns: {validate: false}
                metrics: {address: 127.0.0.1:%d}
                """.formatted(folder, port, terms.listenerTls(), terms.connections(), freePort()));
        Files.writeString(conf.resolve("destinations.yaml"), "default: {tls: %s, connections: %d, messages_per_connection: 100000}%n"
                .formatted(terms.tls() ? "preferred" : "none", terms.connections()));
        Files.writeString(conf.resolve("routes.yaml"), "routes: " + routes + "\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups: [{name: BENCH, match: [127.0.0.0/8], policy: clients}]
                mail_flow_policies: {clients: %s}
                """.formatted(terms.policy()));
        long begun = System.nanoTime();
        ProcessBuilder start = new ProcessBuilder(launcher.toString(), "serve", "--conf", conf.toString()).redirectErrorStream(true).redirectOutput(folder.resolve("out").toFile());
        if (cache != null) {
            start.environment().put("MAILRELAY_AOT_OUTPUT", cache.toAbsolutePath().toString());
        }
        process = start.start();
        awaitGreeting();
        startNanos = System.nanoTime() - begun;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private void awaitGreeting() throws IOException {
        while (true) {
            if (!process.isAlive()) {
                throw new IOException("the relay did not start: " + Files.readString(folder.resolve("out")));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                new Wire(socket).expect(220);
                return;
            } catch (java.net.ConnectException _) {
                LockSupport.parkNanos(TICK_NANOS);
            }
        }
    }

    int port() {
        return port;
    }

    Path folder() {
        return folder;
    }

    long pid() {
        return process.pid();
    }

    /// What a command of the operator's printed, and how long it took with the start of its own JVM.
    ///
    /// @param lines how many there were: a list of a million is not kept
    /// @param last  the last of them; empty where there was none
    record Answer(double seconds, long lines, String last) {}

    /// @param words the command and its arguments, but for where the configuration is
    Answer command(String... words) throws IOException, InterruptedException {
        Path printed = Files.createTempFile(folder, "command", ".out");
        List<String> all = new ArrayList<>(List.of(launcher.toString()));
        all.addAll(List.of(words));
        all.addAll(List.of("--conf", folder.resolve("conf").toString()));
        long begun = System.nanoTime();
        int status = new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(printed.toFile()).start().waitFor();
        double seconds = (System.nanoTime() - begun) / 1e9;
        long count = 0;
        String last = "";
        try (BufferedReader lines = Files.newBufferedReader(printed)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                count++;
                last = line;
            }
        }
        Files.delete(printed);
        if (status != 0) {
            throw new IOException(String.join(" ", words) + ": " + last);
        }
        return new Answer(seconds, count, last);
    }

    /// From the start of the launcher to the first 220.
    double startSeconds() {
        return startNanos / 1e9;
    }

    /// User and system time so far, from the kernel's books (in ticks of 10 ms).
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    /// The most it held at once.
    long peakResidentMebibytes() throws IOException {
        return mebibytes("VmHWM:");
    }

    long residentMebibytes() throws IOException {
        return mebibytes("VmRSS:");
    }

    long residentKibibytes() throws IOException {
        return kibibytes("VmRSS:");
    }

    long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return files.count();
        }
    }

    private long mebibytes(String name) throws IOException {
        return kibibytes(name) / 1024;
    }

    private long kibibytes(String name) throws IOException {
        try (Stream<String> status = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return status.filter(line -> line.startsWith(name)).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
