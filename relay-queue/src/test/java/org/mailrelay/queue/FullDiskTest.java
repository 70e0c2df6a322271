package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;

/// A disk that holds no more than so many octets.
class FullDiskTest {

    private static final SpoolSizes SMALL = new SpoolSizes(16 * 1024, 8 * 1024);
    private static final long ROOM = 120 * 1024;

    @TempDir
    Path folder;

    private final List<SpoolProblem> problems = new ArrayList<>();

    @Test
    void R_QUE_3_mailIsRefusedCompletionsAreNotedAndMailIsTakenAgainOnceThereIsRoom() throws IOException, InterruptedException {
        FullDisk disk = new FullDisk();
        List<Mid> waiting = new ArrayList<>();
        try (Spool spool = Spool.open(disk, SMALL, Messages.settings(folder), problems::add)) {
            disk.reserveSet.await(10, TimeUnit.SECONDS);
            waiting.addAll(storeUntilRefused(spool));
            assertThat(waiting).hasSizeGreaterThan(40);
            assertThat(spool.status().writable()).isFalse();
            assertThat(problems).hasSize(1);
            assertThat(Messages.store(spool, Messages.message(spool, "small", 1)).join()).isEqualTo(new Messages.Answer.Refused(StoreRefusal.FULL));
            // What leaves the queue leaves room, in steps: each is noted although the disk was full to the last octet.
            disk.reserveSet = new CountDownLatch(1);
            for (Mid mid : List.copyOf(waiting)) {
                if (mid.value() % 10 != 0) {
                    Messages.change(spool, mid, 0, new RecipientState.Delivered());
                    waiting.remove(mid);
                }
            }
            assertThat(disk.reserveSet.await(20, TimeUnit.SECONDS)).isTrue();
            // The writer hears of the reserve with an operation of its own, before this one.
            Messages.change(spool, waiting.getFirst(), 0, new RecipientState.Waiting(1, Messages.RECEIVED, "later"));
            waiting.add(Messages.stored(spool, "taken again", 1));
            assertThat(spool.status().writable()).isTrue();
        }
        try (Spool spool = Spool.open(new RealDisk(), SMALL, Messages.settings(folder), problems::add)) {
            assertThat(spool.messages()).containsExactlyElementsOf(waiting);
        }
    }

    @Test
    void aStartOnAFullDiskRefusesMailAndDeliversWhatThereIs() throws IOException {
        FullDisk disk = new FullDisk();
        disk.left.set(6 * 1024);
        try (Spool spool = Spool.open(disk, SMALL, Messages.settings(folder), problems::add)) {
            assertThat(Messages.store(spool, Messages.message(spool, "small", 1)).join()).isEqualTo(new Messages.Answer.Refused(StoreRefusal.FULL));
        }
    }

    private static List<Mid> storeUntilRefused(Spool spool) throws IOException {
        List<Mid> stored = new ArrayList<>();
        while (true) {
            switch (Messages.store(spool, Messages.message(spool, "x".repeat(1_500), 1)).join()) {
                case Messages.Answer.Stored(QueuedMessage message) -> stored.add(message.mid());
                case Messages.Answer.Refused(StoreRefusal why) -> {
                    assertThat(why).isEqualTo(StoreRefusal.FULL);
                    return stored;
                }
            }
        }
    }

    /// Counts octets of files as they are written, cut and deleted.
    private static final class FullDisk extends SteeredDisk {

        private final AtomicLong left = new AtomicLong(ROOM);
        private volatile CountDownLatch reserveSet = new CountDownLatch(1);

        @Override
        void before(Operation operation, Path path, long octets) throws IOException {
            switch (operation) {
                case APPEND -> {
                    if (left.addAndGet(-octets) < 0) {
                        left.addAndGet(octets);
                        throw new IOException("No space left on device");
                    }
                }
                case TRUNCATE -> left.addAndGet(path.toFile().length() - octets);
                case DELETE -> left.addAndGet(path.toFile().length());
                case CREATE, OPEN, READ, SYNC, SYNC_FOLDER, RENAME, CLOSE -> { }
            }
        }

        @Override
        int arriving(IOException failure, int octets) {
            return 0;
        }

        @Override
        void after(Operation operation, Path path) {
            if (operation == Operation.SYNC && path.endsWith("reserve")) {
                reserveSet.countDown();
            }
        }

        @Override
        public long usable(Path of) {
            return left.get();
        }
    }
}
