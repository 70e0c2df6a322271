package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/// One relay, what is sent to it and where it delivers, over as many crashes as a round has.
final class Scenario implements AutoCloseable {

    private static final int CONNECTIONS = 50;
    private static final long DRAIN_SECONDS = 90;
    private static final int LOAD_SECONDS = 30;
    private static final int FURTHER_SECONDS = 8;
    private static final int MOST_DRAINS = 5;
    private static final long END_MILLIS = 6_000;

    final Path folder;
    final Oracle oracle = new Oracle();
    final Sink sink;
    final Relay relay;
    private int missed;

    /// @param spool where the spool stands
    Scenario(Path launcher, Path folder, Path spool, String most) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.sink = new Sink(oracle);
        this.relay = new Relay(launcher, folder, spool, most, sink.port(), oracle);
    }

    Injector inject(IntConsumer onAcknowledged) {
        return new Injector(relay, oracle, CONNECTIONS, onAcknowledged);
    }

    /// Under load until so many messages are acknowledged: a slow machine acknowledges something before the crash as well.
    void load(int messages) throws InterruptedException {
        try (Injector injector = inject(_ -> { })) {
            awaitAcknowledged(injector, messages);
        }
    }

    /// Under load, and the relay is killed in the middle of it.
    void loadAndKill(int messages) throws InterruptedException {
        try (Injector injector = inject(_ -> { })) {
            awaitAcknowledged(injector, messages);
            relay.kill();
            relay.awaitEnd();
        }
    }

    /// Until so many messages are acknowledged, or the relay's end. A relay that acknowledges none is told of by the row's count.
    void awaitAcknowledged(Injector injector, int messages) throws InterruptedException {
        oracle.await(LOAD_SECONDS, () -> injector.acknowledged() > 0 || !relay.running());
        oracle.await(FURTHER_SECONDS, () -> injector.acknowledged() >= messages || !relay.running());
    }

    /// One message alone.
    ///
    /// @return whether it was acknowledged
    boolean sendOne() throws IOException {
        Letter letter = oracle.attempt();
        try (Lines lines = new Lines(new Socket(InetAddress.getLoopbackAddress(), relay.port()))) {
            lines.reply();
            lines.write("EHLO injector.example.com");
            lines.reply();
            boolean sent = Injector.sent(lines, letter);
            if (sent) {
                oracle.acknowledged(letter);
            }
            return sent;
        }
    }

    /// Lets all that is owed arrive, stops the relay in order, and looks whether anything is left in the spool: then that is delivered, too.
    void drain() throws IOException, InterruptedException {
        drain(Map.of());
        for (int left = relay.check(), times = 0; left > 0; left = relay.check()) {
            if (++times > MOST_DRAINS) {
                throw new IOException(left + " messages stay in the queue");
            }
            int before = arrivals();
            relay.start();
            int expected = left;
            oracle.await(10, () -> arrivals() >= before + expected);
            relay.stop();
        }
    }

    private int arrivals() {
        return oracle.verdict().arrived() + oracle.verdict().repeated() + oracle.verdict().reported();
    }

    void drain(Map<String, String> environment) throws IOException, InterruptedException {
        sink.mode(Sink.Mode.ACCEPT);
        sink.noHooks();
        if (!relay.running()) {
            relay.start(List.of(), environment);
        }
        awaitNothingMissing();
        relay.stop();
    }

    void awaitNothingMissing() throws InterruptedException {
        oracle.await(DRAIN_SECONDS, () -> oracle.missing() == 0 || !relay.running());
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

    /// The relay ends by itself, as was ordered; else it is killed, and the round has missed its point.
    void awaitOrderedEnd() throws InterruptedException {
        missed += relay.awaitEnd(END_MILLIS) ? 0 : 1;
    }

    int missed() {
        return missed;
    }

    /// One that the relay will write to after its next start.
    ///
    /// @param further 0 for the first
    Path nextSegment(int further) throws IOException {
        List<Path> present = segments();
        String last = present.isEmpty() ? "segment-0000000000000000.log" : String.valueOf(present.getLast().getFileName());
        long id = Long.parseUnsignedLong(last.substring(8, 24), 16) + 1 + further;
        return relay.spool().resolve("segment-%016x.log".formatted(id));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        relay.stop();
        sink.close();
    }
}
