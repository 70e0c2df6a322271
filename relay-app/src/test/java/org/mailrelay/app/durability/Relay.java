package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
                default: {tls: none, connections: 10, messages_per_connection: 200, bounce_profile: default}
                bounce_profiles:
                  default: {initial_retry: 1s, max_retry: 1s, max_retries: 1000}
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
        List<String> words = new ArrayList<>(before);
        words.addAll(List.of(launcher.toString(), "serve", "--conf", folder.resolve("conf").toString()));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("relay.out").toFile()));
        builder.environment().putAll(environment);
        killed = false;
        Process started = builder.start();
        process = started;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!listens()) {
            if (!started.isAlive()) {
                // A crash that was ordered may come during the start.
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("the relay does not listen: see " + folder.resolve("relay.out"));
            }
            Thread.sleep(10);
        }
    }

    private boolean listens() {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
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
}
