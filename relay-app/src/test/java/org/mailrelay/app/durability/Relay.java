package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The relay under test, started by its launcher as a user would, in a process of its own that can be killed at any time.
final class Relay {

    private static final long START_SECONDS = 60;

    private final Path launcher;
    private final Path folder;
    private final Path spool;
    private final Oracle oracle;
    private final int port;
    private @Nullable Process process;
    private CountDownLatch serving = new CountDownLatch(1);
    private final AtomicInteger starts = new AtomicInteger();
    private volatile boolean killed;

    /// @param spool  where its spool stands
    /// @param most   the spool's `max_size`: small ones make small segments
    Relay(Path launcher, Path folder, Path spool, String most, int sinkPort, Oracle oracle) throws IOException {
        this.launcher = launcher;
        this.folder = folder;
        this.spool = spool;
        this.oracle = oracle;
        this.port = freePort();
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), """
                root: %s
                hostname: relay.example.com
                reload: manual
                listeners:
                  - {name: test, address: "127.0.0.1:%d"}
                spool: {directory: %s, max_size: %s, memory: 2MiB}
                metrics: {address: "127.0.0.1:%d"}
                """.formatted(folder, port, spool, most, freePort()));
        Files.writeString(conf.resolve("destinations.yaml"), """
                default: {tls: none, connections: 50, messages_per_connection: 1000, bounce_profile: default}
                bounce_profiles:
                  default: {initial_retry: 1s, max_retry: 1s, max_retries: 1000, reports_per_address: 1000000, reports_per_domain: 1000000}
                """);
        Files.writeString(conf.resolve("routes.yaml"), "routes:\n  ALL: [{host: 127.0.0.1, port: " + sinkPort + "}]\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: TEST, match: [127.0.0.0/8], policy: relayed}
                mail_flow_policies:
                  relayed: {access: RELAY, max_message_size: 64MiB}
                """);
    }

    /// Below the range that the system gives to clients: one that tries to connect while nobody listens there would meet itself.
    private static int freePort() throws IOException {
        for (int tries = 0; tries < 100; tries++) {
            int port = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IOException("no free port");
    }

    int port() {
        return port;
    }

    Path spool() {
        return spool;
    }

    void start() throws IOException, InterruptedException {
        start(List.of(), Map.of());
    }

    /// @param before words before the launcher, for instance of strace
    void start(List<String> before, Map<String, String> environment) throws IOException, InterruptedException {
        serving = new CountDownLatch(1);
        List<String> words = new ArrayList<>(before);
        words.addAll(List.of(launcher.toString(), "serve", "--conf", folder.resolve("conf").toString()));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(environment);
        killed = false;
        CountDownLatch ready = serving;
        Process started = builder.start();
        process = started;
        Thread.ofVirtual().start(() -> follow(started, ready));
        started.onExit().thenRun(oracle::changed);
        if (!ready.await(START_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("the relay does not listen: see " + folder.resolve("relay.out"));
        }
    }

    /// Keeps what it prints; it says so when it listens. A crash that was ordered may come during the start: then its output ends.
    private void follow(Process started, CountDownLatch ready) {
        try (var lines = started.inputReader(StandardCharsets.UTF_8);
                var kept = Files.newBufferedWriter(folder.resolve("relay.out"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                kept.write(line + "\n");
                kept.flush();
                if (line.startsWith("mailrelay: serving")) {
                    starts.incrementAndGet();
                    ready.countDown();
                    oracle.changed();
                }
            }
        } catch (IOException ended) {
            // Killed while it printed.
        } finally {
            ready.countDown();
        }
    }

    /// How often it has come to listen.
    int starts() {
        return starts.get();
    }

    boolean running() {
        return process != null && process.isAlive();
    }

    /// SIGKILL, now. Any thread.
    void kill() {
        killed = true;
        oracle.crashed();
        Process now = process;
        if (now != null) {
            now.descendants().forEach(ProcessHandle::destroyForcibly);
            now.destroyForcibly();
        }
    }

    /// Waits for an end that was ordered elsewhere; kills when it does not come.
    ///
    /// @return whether it came
    boolean awaitEnd(long millis) throws InterruptedException {
        Process now = java.util.Objects.requireNonNull(process);
        boolean came = now.waitFor(millis, TimeUnit.MILLISECONDS);
        if (!came) {
            kill();
        } else if (!killed) {
            oracle.crashed();
        }
        now.waitFor();
        return came;
    }

    void awaitEnd() throws InterruptedException {
        java.util.Objects.requireNonNull(process).waitFor();
    }

    /// SIGTERM, and its end.
    void stop() throws InterruptedException {
        Process now = process;
        if (now == null) {
            return;
        }
        now.descendants().forEach(ProcessHandle::destroy);
        now.destroy();
        if (!now.waitFor(30, TimeUnit.SECONDS)) {
            kill();
            now.waitFor();
        }
    }

    private static final Pattern MESSAGES = Pattern.compile("\"messages\": ?([0-9]+)");

    /// What `spool check` says of the spool of the stopped relay: it reads every octet of it.
    ///
    /// @return the number of messages in the queue
    /// @throws IOException when anything is damaged
    int check() throws IOException, InterruptedException {
        Process check = new ProcessBuilder(launcher.toString(), "spool", "check", "--json", "--conf", folder.resolve("conf").toString()).redirectErrorStream(true).start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher messages = MESSAGES.matcher(said);
        if (check.waitFor() != 0 || !messages.find()) {
            throw new IOException("spool check: " + said);
        }
        return Integer.parseInt(messages.group(1));
    }
}
