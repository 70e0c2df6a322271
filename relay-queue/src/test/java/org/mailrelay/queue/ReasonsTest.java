package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Mid;

/// Why recipients wait stands on the disk: what memory holds of it does not grow with what hosts say.
class ReasonsTest {

    @TempDir
    Path folder;

    private final List<SpoolProblem> problems = new ArrayList<>();

    private Spool open() throws IOException {
        return Spool.open(Messages.settings(folder), problems::add);
    }

    private static String words(int recipient) {
        return "451 4.7.1 greylisted für eine Weile, " + recipient + ": " + "please come back later. ".repeat(30 * (1 + recipient));
    }

    private static RecipientState.Waiting waiting(int recipient) {
        return new RecipientState.Waiting(1, Messages.RECEIVED.plusSeconds(recipient), words(recipient));
    }

    private static Mid tried(Spool spool, int recipients) throws IOException {
        Mid mid = Messages.stored(spool, "hello", recipients);
        for (int recipient = 0; recipient < recipients; recipient++) {
            Messages.change(spool, mid, recipient, waiting(recipient));
        }
        return mid;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void longOnesAreReadFromTheDiskAlsoAtTheNextStart(boolean withIndexes) throws IOException {
        Mid mid;
        try (Spool spool = open()) {
            mid = tried(spool, 3);
            assertKnown(spool, mid);
        }
        if (!withIndexes) {
            Messages.removeIndexes(folder);
        }
        try (Spool spool = open()) {
            assertKnown(spool, mid);
        }
        assertThat(problems).isEmpty();
    }

    private static void assertKnown(Spool spool, Mid mid) throws IOException {
        for (int recipient = 0; recipient < 3; recipient++) {
            assertThat(spool.reason(mid, recipient)).isEqualTo(words(recipient));
            assertThat(spool.changed(mid, recipient).flatMap(RecipientState::waiting).orElseThrow()).satisfies(state -> {
                assertThat(state.attempts()).isEqualTo(1);
                assertThat(state.reason()).as("nothing of the words is in memory").isInstanceOf(WaitReason.Recorded.class);
            });
        }
        assertThat(spool.states(mid)).contains(List.of(waiting(0), waiting(1), waiting(2)));
        assertThat(spool.reason(mid, 3)).as("no such recipient").isEmpty();
        assertThat(spool.reason(new Mid(mid.value() + 1), 0)).as("no such message").isEmpty();
    }

    /// An operator's order, or a warning of the sender, takes the reason along.
    @Test
    void aStateThatGoesOnWithAReasonIsWrittenWithItsWords() throws IOException {
        Mid mid;
        RecipientState held = new RecipientState.ByOrder(waiting(0).told(), true, Optional.of("mx.example:25"));
        try (Spool spool = open()) {
            mid = tried(spool, 1);
            RecipientState.Waiting known = spool.changed(mid, 0).flatMap(RecipientState::waiting).orElseThrow();
            Messages.change(spool, mid, 0, new RecipientState.ByOrder(known.told(), true, Optional.of("mx.example:25")));
            assertThat(spool.states(mid)).contains(List.of(held));
            assertThat(spool.changed(mid, 0)).get().satisfies(state -> assertThat(state).isInstanceOf(RecipientState.ByOrder.class).isNotEqualTo(held));
        }
        try (Spool spool = open()) {
            assertThat(spool.states(mid)).contains(List.of(held));
            assertThat(spool.reason(mid, 0)).isEqualTo(words(0));
        }
    }

    /// The segments are small: what holds the records is compacted and deleted again and again.
    @Test
    void compactionTakesThemAlong() throws IOException {
        List<Mid> mids = new ArrayList<>();
        try (Spool spool = Spool.open(new RealDisk(), new SpoolSizes(20_000, 4_096), Messages.settings(folder), problems::add)) {
            for (int i = 0; i < 200; i++) {
                Mid mid = tried(spool, 1);
                if (i % 10 == 0) {
                    mids.add(mid);
                } else {
                    Messages.change(spool, mid, 0, new RecipientState.Delivered());
                }
            }
            for (int i = 0; i < 50; i++) {
                Messages.finish(spool, List.of(Messages.stored(spool, "x".repeat(2_000), 1)));
            }
            assertThat(spool.status().segments()).as("some were deleted").isLessThan(30);
            assertThat(mids).allSatisfy(mid -> assertThat(spool.states(mid)).contains(List.of(waiting(0))));
        }
        try (Spool spool = open()) {
            assertThat(mids).allSatisfy(mid -> assertThat(spool.states(mid)).contains(List.of(waiting(0))));
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void oneThatIsDamagedCostsItsWordsAndIsReportedWithFileAndOffset() throws IOException {
        try (Spool spool = open()) {
            Mid mid = tried(spool, 1);
            WaitReason.Recorded at = (WaitReason.Recorded) spool.changed(mid, 0).flatMap(RecipientState::waiting).orElseThrow().reason();
            Path segment = files(".log").getFirst();
            try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
                file.seek(at.offset() + 100);
                file.write('#');
            }
            assertThat(spool.reason(mid, 0)).isEmpty();
            assertThat(problems).isNotEmpty().allSatisfy(problem -> {
                assertThat(problem.file()).isEqualTo(String.valueOf(segment.getFileName()));
                assertThat(problem.offset()).isEqualTo(at.offset());
                assertThat(problem.detail()).contains("MID " + mid);
            });
            Messages.change(spool, mid, 0, spool.changed(mid, 0).flatMap(RecipientState::waiting).orElseThrow().told());
            assertThat(spool.states(mid)).as("it waits on").contains(List.of(new RecipientState.Waiting(1, Messages.RECEIVED, "", true)));
        }
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }
}
