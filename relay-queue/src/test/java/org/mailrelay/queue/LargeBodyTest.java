package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;

/// A large body goes to its file beside whoever brings it, who is told when to stop and when to go on.
@Timeout(30)
class LargeBodyTest {

    private static final int PIECE = 64 * 1024;

    @TempDir
    Path folder;

    private final CountDownLatch disk = new CountDownLatch(1);

    /// Writes nothing to the file of a body before it is let.
    private final class SlowDisk extends SteeredDisk {
        @Override
        void before(Operation operation, Path path, long octets) throws IOException {
            if (operation == Operation.APPEND && path.getFileName().toString().startsWith("body-")) {
                try {
                    disk.await();
                } catch (InterruptedException stopped) {
                    throw new IOException(stopped);
                }
            }
        }
    }

    private static ByteBuffer piece() {
        return ByteBuffer.wrap("0123456789abcdef".repeat(PIECE / 16).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Test
    void nobodyWaitsForADiskThatTakesNothingAndIsToldWhenItDoes() throws Exception {
        try (Spool spool = Spool.open(new SlowDisk(), Messages.settings(folder), _ -> { })) {
            Mid mid = spool.takeMid();
            BodyWriter writer = spool.newBody(mid);
            CountDownLatch again = new CountDownLatch(1);
            int pieces = 0;
            while (!writer.isBehind(again::countDown)) {
                writer.write(piece());
                pieces++;
            }
            assertThat((long) pieces * PIECE).as("octets in memory when it is told to stop").isBetween((long) BodyWriter.IN_MEMORY, BodyWriter.IN_MEMORY + 2L * PIECE);
            Mid small = Messages.stored(spool, "a small one does not wait for it", 1);
            assertThat(again.getCount()).as("not yet").isEqualTo(1);
            disk.countDown();
            assertThat(again.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.isBehind(() -> { })).isFalse();
            writer.write(piece());
            NewMessage large = Messages.message(spool, "", 1);
            large = new NewMessage(mid, large.envelope(), large.origin(), large.content(), large.prologue(), writer.finish());
            assertThat(Messages.store(spool, large).join()).isInstanceOf(Messages.Answer.Stored.class);
            assertThat(Messages.body(spool, mid)).hasSize((pieces + 1) * PIECE);
            assertThat(spool.messages()).containsExactly(mid, small);
        }
    }

    @Test
    void whoMayBlockWaitsForRoom() throws Exception {
        try (Spool spool = Spool.open(new SlowDisk(), Messages.settings(folder), _ -> { })) {
            BodyWriter writer = spool.newBody(spool.takeMid());
            Thread bringer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 40; i++) {
                        writer.write(piece());
                        writer.awaitRoom();
                    }
                } catch (IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
            });
            while (bringer.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThat(writer.length()).isLessThan(2L * BodyWriter.IN_MEMORY);
            disk.countDown();
            bringer.join();
            assertThat(writer.length()).isEqualTo(40L * PIECE);
            writer.discard();
        }
        try (Stream<Path> bodies = Files.list(folder.resolve("bodies"))) {
            assertThat(bodies).as("what was given up is deleted").isEmpty();
        }
    }

    @Test
    void whatCannotBeWrittenIsToldAtALaterPieceOrAtTheEnd() throws Exception {
        SteeredDisk full = new SteeredDisk() {
            @Override
            void before(Operation operation, Path path, long octets) throws IOException {
                if (operation == Operation.APPEND && path.getFileName().toString().startsWith("body-")) {
                    throw new IOException("No space left on device");
                }
            }
        };
        try (Spool spool = Spool.open(full, Messages.settings(folder), _ -> { })) {
            BodyWriter writer = spool.newBody(spool.takeMid());
            assertThatThrownBy(() -> {
                for (int i = 0; i < 10; i++) {
                    writer.write(piece());
                    writer.awaitRoom();
                }
            }).hasMessageContaining("No space left");
            writer.discard();
            NewMessage unwritten = Messages.message(spool, "x".repeat(BodyWriter.IN_MEMORY + 1), 1);
            assertThat(Messages.store(spool, unwritten).join()).isEqualTo(new Messages.Answer.Refused(StoreRefusal.FULL));
        }
    }
}
