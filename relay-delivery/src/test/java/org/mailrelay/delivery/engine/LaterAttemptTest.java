package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// What is sent behind the first attempt comes from the disk, over the real spool.
@Timeout(60)
class LaterAttemptTest {

    private static final String LINE = "0123456789 0123456789 0123456789 0123456789\r\n";

    @TempDir
    Path folder;

    private static FakeMx busyOnce() {
        return new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("RCPT", new Effect.Once(Effect.line("451 4.3.0 later")))));
    }

    /// In the log, in a file of its own, in many pieces.
    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 5_900, 100_000})
    void theOctetsAreThoseOfTheFirstAttempt(int lines) throws Exception {
        String content = "Subject: x\r\n\r\n" + LINE.repeat(lines);
        try (FakeMx mx = busyOnce(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.sendContent(content, "a@example.org", "b@example.com");
            it.await(DeliveryEvent.Pending.class, e -> e.mid().equals(mid));
            it.restart();
            it.clock.advance(Duration.ofHours(1));
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
            assertThat(mx.received().getLast().content().equals(content)).isTrue();
        }
    }

    @Test
    void aFileThatIsNotWhatWasStoredIsNeverDelivered() throws Exception {
        try (FakeMx mx = busyOnce(); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.sendContent("Subject: x\r\n\r\n" + LINE.repeat(20_000), "a@example.org", "b@example.com");
            it.await(DeliveryEvent.Pending.class, e -> e.mid().equals(mid));
            it.settle();
            try (Stream<Path> bodies = Files.list(folder.resolve("spool").resolve("bodies")); RandomAccessFile file = new RandomAccessFile(bodies.findFirst().orElseThrow().toFile(), "rw")) {
                file.seek(500_000);
                file.write('X');
            }
            it.clock.advance(Duration.ofHours(1));
            DeliveryEvent.Pending again = it.await(DeliveryEvent.Pending.class, e -> e.mid().equals(mid), 2).getLast();
            assertThat(again.mid()).isEqualTo(mid);
            assertThat(mx.received()).allMatch(got -> got.content().isEmpty());   // DATA behind the refused recipient went with the group
            assertThat(it.engine.snapshot()).singleElement().satisfies(entry -> assertThat(entry.reason()).contains("content unreadable: the stored octets are not those that came in"));
        }
    }
}
