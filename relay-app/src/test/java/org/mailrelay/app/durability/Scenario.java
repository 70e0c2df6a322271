package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/// One relay, what is sent to it and where it delivers, over as many crashes as a round has.
final class Scenario implements AutoCloseable {

    private static final int CONNECTIONS = 8;
    private static final long DRAIN_SECONDS = 90;
    private static final long QUIET_MILLIS = 300;
    private static final long FIRST_SECONDS = 30;

    final Path folder;
    final Oracle oracle = new Oracle();
    final Sink sink;
    final Relay relay;

    /// @param spool where the spool stands
    Scenario(Path launcher, Path folder, Path spool, String most) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.sink = new Sink(oracle);
        this.relay = new Relay(launcher, folder, spool, most, sink.port(), oracle);
    }

    Injector inject(IntConsumer onAcknowledged) {
        return new Injector(relay.port(), oracle, CONNECTIONS, onAcknowledged);
    }

    /// Under load for a while, from the first 250 on: a slow machine acknowledges something before the crash as well.
    void load(long millis) throws InterruptedException {
        try (Injector injector = inject(_ -> { })) {
            awaitFirst(injector);
            Thread.sleep(millis);
        }
    }

    /// Under load while the relay is killed in the middle of it, a while after the first 250.
    void loadAndKill(long millis) throws InterruptedException {
        try (Injector injector = inject(_ -> { })) {
            awaitFirst(injector);
            Thread.sleep(millis);
            relay.kill();
            relay.awaitEnd();
        }
    }

    /// Until its first 250, or the relay's end. A relay that gives none is told of by the row's count of acknowledged messages.
    void awaitFirst(Injector injector) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(FIRST_SECONDS);
        while (injector.acknowledged() == 0 && relay.running() && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }

    /// One message alone.
    ///
    /// @return whether it was acknowledged
    boolean sendOne() throws IOException {
        String id = oracle.attempt();
        try (Lines lines = new Lines(new Socket(InetAddress.getLoopbackAddress(), relay.port()))) {
            lines.reply();
            lines.write("EHLO injector.example.com");
            lines.reply();
            boolean sent = Injector.sent(lines, id);
            if (sent) {
                oracle.acknowledged(id);
            }
            return sent;
        }
    }

    /// Lets all that is owed arrive, then stops the relay in order.
    void drain() throws IOException, InterruptedException {
        drain(Map.of());
    }

    void drain(Map<String, String> environment) throws IOException, InterruptedException {
        sink.mode(Sink.Mode.ACCEPT);
        sink.hooks(_ -> { }, _ -> { });
        if (!relay.running()) {
            relay.start(List.of(), environment);
        }
        awaitNothingMissing();
        Thread.sleep(QUIET_MILLIS);
        relay.stop();
    }

    void awaitNothingMissing() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (!oracle.missing().isEmpty() && relay.running() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
    }

    /// The segments there are, in their order.
    List<Path> segments() throws IOException {
        if (!Files.isDirectory(relay.spool())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(relay.spool())) {
            return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
        }
    }

    /// The one that the relay will write to after its next start.
    Path nextSegment() throws IOException {
        List<Path> present = segments();
        String last = present.isEmpty() ? "segment-0000000000000000.log" : String.valueOf(present.getLast().getFileName());
        long id = Long.parseUnsignedLong(last.substring(8, 24), 16) + 1;
        return relay.spool().resolve("segment-%016x.log".formatted(id));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        relay.stop();
        sink.close();
    }
}
