package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RelaySettings;

class SpoolTest {

    @TempDir
    Path folder;

    private final List<SpoolProblem> problems = new ArrayList<>();

    @Test
    void R_QUE_1_whatWasAcknowledgedIsThereAfterARestart() throws IOException {
        Mid mid;
        try (Spool spool = open()) {
            mid = Messages.stored(spool, "Subject: x\r\n\r\nhello\r\n", 2);
        }
        try (Spool spool = open()) {
            QueuedMessage message = spool.load(mid).orElseThrow();
            assertThat(message.envelope().mailboxes()).hasToString("[rcpt0@example.net, rcpt1@example.net]");
            assertThat(message.envelope().sender()).hasToString("<sender@example.com>");
            assertThat(message.content().subject()).contains("Hellö");
            assertThat(message.origin().received()).isEqualTo(Messages.RECEIVED);
            assertThat(message.prologue()).asString().isEqualTo("Received: here\r\n");
            assertThat(Messages.body(spool, mid)).isEqualTo("Subject: x\r\n\r\nhello\r\n");
            assertThat(problems).isEmpty();
        }
    }

    @Test
    void aLargeBodyStandsInAFileOfItsOwnAndLeavesWithItsMessage() throws IOException {
        String large = "0123456789abcdef".repeat(40_000);
        Mid mid;
        try (Spool spool = open()) {
            mid = Messages.stored(spool, large, 1);
            assertThat(bodies()).containsExactly("body-" + mid);
        }
        try (Spool spool = open()) {
            assertThat(Messages.body(spool, mid)).isEqualTo(large);
            Messages.change(spool, mid, 0, new RecipientState.Delivered());
        }
        // It is deleted beside the writer; the end of the spool waits for that.
        assertThat(bodies()).isEmpty();
    }

    @Test
    void aBodyThatNoMessageNamesIsRemovedAtStart() throws IOException {
        open().close();
        Files.writeString(folder.resolve("bodies/body-99"), "cut off");
        open().close();
        assertThat(bodies()).isEmpty();
    }

    @Test
    void statesSurviveARestartAndFinishedMailDoesNotComeBack() throws IOException {
        Mid done;
        Mid half;
        RecipientState waiting = new RecipientState.Waiting(3, Messages.RECEIVED.plusSeconds(60), "421 later");
        try (Spool spool = open()) {
            done = Messages.stored(spool, "a", 1);
            half = Messages.stored(spool, "b", 3);
            Messages.change(spool, done, 0, new RecipientState.Delivered());
            Messages.change(spool, half, 0, new RecipientState.Bounced());
            Messages.change(spool, half, 2, waiting);
            assertThat(spool.load(done)).isEmpty();
        }
        try (Spool spool = open()) {
            assertThat(spool.messages()).containsExactly(half);
            assertThat(spool.states(half).orElseThrow()).containsExactly(new RecipientState.Bounced(),
                    new RecipientState.Waiting(0, Messages.RECEIVED, ""), waiting);
        }
    }

    @Test
    void aReplayHandsOverEachQueuedMessageOnceInOrderWithItsStates() throws IOException {
        Mid first;
        Mid second;
        RecipientState waiting = new RecipientState.Waiting(2, Messages.RECEIVED.plusSeconds(60), "452 4.2.2 full");
        try (Spool spool = open()) {
            NewMessage early = Messages.message(spool, "early", 1);
            second = Messages.stored(spool, "second", 1);
            first = early.mid();
            Messages.store(spool, early).join();
            Messages.change(spool, Messages.stored(spool, "gone", 1), 0, new RecipientState.Delivered());
            Messages.change(spool, first, 0, waiting);
        }
        try (Spool spool = open()) {
            List<QueuedMessage> replayed = new ArrayList<>();
            replayed.addAll(Messages.replayed(spool));
            assertThat(replayed).extracting(QueuedMessage::mid).containsExactly(first, second);
            assertThat(replayed.getFirst().states()).containsExactly(waiting);
            assertThat(replayed.getFirst().envelope()).isEqualTo(spool.load(first).orElseThrow().envelope());
        }
    }

    @Test
    void eachSyncIsToldWithItsGroup() throws IOException {
        List<Integer> groups = new ArrayList<>();
        SpoolListener listener = new SpoolListener() {
            @Override
            public void problem(SpoolProblem problem) {
                problems.add(problem);
            }

            @Override
            public void synced(long nanos, int operations) {
                groups.add(operations);
            }
        };
        try (Spool spool = Spool.open(Messages.settings(folder), listener)) {
            Messages.stored(spool, "a", 1);
            Messages.stored(spool, "b", 1);
        }
        assertThat(groups).containsExactly(1, 1);
    }

    @Test
    void aFinalStateStays() throws IOException {
        try (Spool spool = open()) {
            Mid mid = Messages.stored(spool, "a", 2);
            Messages.change(spool, mid, 0, new RecipientState.Delivered());
            Messages.change(spool, mid, 0, new RecipientState.Waiting(1, Messages.RECEIVED, "late"));
            assertThat(spool.states(mid).orElseThrow().getFirst()).isEqualTo(new RecipientState.Delivered());
        }
    }

    @Test
    void numbersOnlyRiseAndAnOrderlyRestartSkipsNone() throws IOException {
        long last;
        try (Spool spool = open()) {
            spool.takeMid();
            Messages.stored(spool, "a", 1);
            last = spool.takeMid().value();
        }
        try (Spool spool = open()) {
            assertThat(spool.takeMid().value()).isEqualTo(last + 1);
        }
    }

    @Test
    void R_QUE_3_aFullSpoolRefusesButStillNotesWhatWasDelivered() throws IOException {
        try (Spool spool = Spool.open(new RelaySettings.Spool(folder, 3_000, 1 << 20), problems::add)) {
            Mid first = Messages.stored(spool, "x".repeat(2_000), 1);
            assertThat(Messages.store(spool, Messages.message(spool, "y".repeat(2_000), 1)).join())
                    .isEqualTo(new Messages.Answer.Refused(StoreRefusal.FULL));
            Messages.change(spool, first, 0, new RecipientState.Delivered());
            assertThat(spool.messages()).isEmpty();
        }
    }

    @Test
    void beyondItsMemoryTheBodyComesFromTheFile() throws IOException {
        try (Spool spool = Spool.open(new RelaySettings.Spool(folder, 1 << 30, 1_500), problems::add)) {
            Mid kept = Messages.stored(spool, "k".repeat(1_000), 1);
            Mid read = Messages.stored(spool, "r".repeat(1_000), 1);
            assertThat(spool.status().memory()).isEqualTo(1_000);
            assertThat(Messages.body(spool, read)).isEqualTo("r".repeat(1_000));
            spool.releaseMemory(kept);
            assertThat(spool.status().memory()).isZero();
            assertThat(Messages.body(spool, kept)).isEqualTo("k".repeat(1_000));
        }
    }

    @Test
    void aSecondProcessIsToldThatTheSpoolIsInUse() throws IOException {
        try (Spool spool = open()) {
            assertThatThrownBy(this::open).isInstanceOf(SpoolInUseException.class).hasMessageContaining("another relay uses the spool");
        }
    }

    @Test
    void aSpoolOfAnotherFormatIsRefusedInWords() throws IOException {
        open().close();
        Files.writeString(folder.resolve("format"), "mailrelay spool format 3\n");
        assertThatThrownBy(this::open).isInstanceOf(SpoolInUseException.class).hasMessageContaining("another version of the relay");
    }

    @Test
    void nobodyElseCanReadIt() throws IOException {
        try (Spool spool = open()) {
            Messages.stored(spool, "secret", 1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx------");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.filter(f -> f.toString().endsWith(".log"))).allSatisfy(f ->
                        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(f))).isEqualTo("rw-------"));
            }
        }
    }

    @Test
    void aDamagedBodyIsNoticedBeforeItsEnd() throws IOException {
        Mid mid;
        try (Spool spool = open()) {
            mid = Messages.stored(spool, "0123456789".repeat(30_000), 1);
        }
        Path file = folder.resolve("bodies/body-" + mid);
        byte[] bytes = Files.readAllBytes(file);
        bytes[12_345] ^= 1;
        Files.write(file, bytes);
        try (Spool spool = open()) {
            assertThatThrownBy(() -> Messages.body(spool, mid)).isInstanceOf(AssertionError.class);
        }
    }

    private Spool open() throws IOException {
        return Spool.open(Messages.settings(folder), problems::add);
    }

    private List<String> bodies() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("bodies"))) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }
}
