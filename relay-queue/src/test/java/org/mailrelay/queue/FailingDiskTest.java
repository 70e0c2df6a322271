package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.mail.Mid;

/// Each operation of the disk fails in its turn, once.
class FailingDiskTest {

    private static final int OPERATIONS = 60;

    @TempDir
    Path folder;

    static List<Integer> operations() {
        return java.util.stream.IntStream.range(0, OPERATIONS).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void R_QUE_3_whatWasAcknowledgedStaysAndWhatWasRefusedNeverReappears(int failing) throws IOException {
        Set<Mid> waiting = new HashSet<>();
        FailingDisk disk = new FailingDisk(failing, "Input/output error");
        try (Spool spool = Spool.open(disk, Messages.settings(folder), _ -> { })) {
            for (int i = 0; i < 10; i++) {
                attempt(spool, i % 4 == 3 ? "large ".repeat(60_000) : "small " + i, waiting);
                if (i == 5 && !waiting.isEmpty()) {
                    Mid done = waiting.iterator().next();
                    Messages.change(spool, done, 0, new RecipientState.Delivered());
                    waiting.remove(done);
                }
            }
            // After a failure the spool takes mail again: a new segment is tried.
            int before = waiting.size();
            for (int again = 0; again < 3; again++) {
                attempt(spool, "last " + again, waiting);
            }
            assertThat(waiting).hasSizeGreaterThanOrEqualTo(before + 2);
        }
        List<SpoolProblem> problems = new ArrayList<>();
        try (Spool spool = Spool.open(Messages.settings(folder), problems::add)) {
            assertThat(spool.messages().collect(Collectors.toSet())).isEqualTo(waiting);
            for (Mid mid : waiting) {
                assertThat(Messages.body(spool, mid)).isNotEmpty();
            }
        }
    }

    @Test
    void aFullDiskIsRefusedAsFull() throws IOException {
        Set<StoreRefusal> refusals = new HashSet<>();
        for (int failing = 0; failing < 4; failing++) {
            try (Spool spool = Spool.open(new FailingDisk(failing, "No space left on device", path -> path.toString().endsWith(".log")), Messages.settings(folder.resolve("f" + failing)), _ -> { })) {
                for (int i = 0; i < 4; i++) {
                    if (Messages.store(spool, Messages.message(spool, "x", 1)).join() instanceof Messages.Answer.Refused(StoreRefusal why)) {
                        refusals.add(why);
                    }
                }
            }
        }
        assertThat(refusals).containsExactly(StoreRefusal.FULL);
    }

    private static void attempt(Spool spool, String body, Set<Mid> waiting) {
        try {
            NewMessage message = Messages.message(spool, body, 1);
            if (Messages.store(spool, message).join() instanceof Messages.Answer.Stored) {
                waiting.add(message.mid());
            }
        } catch (IOException _) {
            // The body's own file could not be written: the listener answers 452.
        }
    }
}
