package org.mailrelay.bench.micro;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.Injection;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StateChange;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// Durable puts of 10 KiB a second, each waited for until it is synced and then finished, in the folder that `bench.spool` names or the temporary one.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
public class SpoolBenchmark {

    private static final byte[] CONTENT = new byte[10 * 1024];

    private Path folder = Path.of("");
    private @Nullable Spool spool;

    @Setup(Level.Trial)
    public void open() throws IOException {
        String place = System.getProperty("bench.spool");
        folder = place == null ? Files.createTempDirectory("spool-bench") : Files.createTempDirectory(Path.of(place), "spool-bench");
        spool = Spool.open(new RelaySettings.Spool(folder.resolve("spool"), 50L << 30, 16L << 20), problem -> {
            throw new IllegalStateException(problem.toString());
        });
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        spool().close();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private Spool spool() {
        return Objects.requireNonNull(spool, "opened before each trial");
    }

    @Benchmark
    @Threads(1)
    public Mid oneSession() throws IOException {
        return put();
    }

    @Benchmark
    @Threads(50)
    public Mid fiftySessions() throws IOException {
        return put();
    }

    @Benchmark
    @Threads(200)
    public Mid twoHundredSessions() throws IOException {
        return put();
    }

    private Mid put() throws IOException {
        Mid mid = spool().takeMid();
        BodyWriter body = spool().newBody(mid);
        body.write(ByteBuffer.wrap(CONTENT));
        NewMessage message = new NewMessage(mid, Envelope.of(ReversePath.of("sender@bench.example"), List.of(Mailbox.of("recipient@bench.example"))),
                Origin.of(Instant.EPOCH, Injection.of(new Icid(1), "127.0.0.1")), new Content(CONTENT.length, 0, false, Optional.empty(), Optional.empty()), new byte[0], body.finish());
        CompletableFuture<QueuedMessage> durable = new CompletableFuture<>();
        spool().store(message, new StoreCallback() {
            @Override
            public void stored(QueuedMessage queued) {
                durable.complete(queued);
            }

            @Override
            public void refused(StoreRefusal why) {
                durable.completeExceptionally(new IOException("refused: " + why));
            }
        });
        durable.join();
        spool().change(List.of(new StateChange(mid, 0, new RecipientState.Delivered())), () -> { });
        return mid;
    }
}
