package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.mail.Mid;

/// The process dies at one operation of the disk after the other, while segments are filled, compacted, deleted and indexed; the same
/// happens again to what it left behind.
class CrashTest {

    private static final SpoolSizes SMALL = new SpoolSizes(8 * 1024, 4 * 1024);
    private static final int LIVES = 3;

    @TempDir
    Path folder;

    private final Map<Mid, String> acknowledged = new HashMap<>();
    /// Asked for and not acknowledged: after a crash they may be there or not.
    private final Set<Mid> unsure = new HashSet<>();
    private final Set<Mid> unsureWhetherDone = new HashSet<>();

    static List<Integer> operations() {
        return IntStream.range(0, 48).map(i -> 1 + i * 7).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void R_QUE_1_R_QUE_2_nothingAcknowledgedIsLostAndNothingFinishedComesBack(int operation) throws IOException {
        for (int life = 0; life < LIVES; life++) {
            live(new StoppingDisk(operation + life * 5));
            try (Spool spool = Spool.open(new RealDisk(), SMALL, Messages.settings(folder), problem -> assertThat(problem.isDamage()).as(problem.toString()).isFalse())) {
                List<Mid> found = spool.messages().toList();
                Set<Mid> must = new HashSet<>(acknowledged.keySet());
                must.removeAll(unsureWhetherDone);
                assertThat(found).as("killed at %d in life %d", operation, life).containsAll(must);
                Set<Mid> may = new HashSet<>(acknowledged.keySet());
                may.addAll(unsure);
                assertThat(may).as("killed at %d in life %d", operation, life).containsAll(found);
                for (Mid mid : found) {
                    String body = Messages.body(spool, mid);
                    assertThat(acknowledged.getOrDefault(mid, body)).isEqualTo(body);
                    acknowledged.put(mid, body);
                }
                acknowledged.keySet().retainAll(found);
                unsure.clear();
                unsureWhetherDone.clear();
            }
        }
    }

    private void live(Disk disk) throws IOException {
        Spool spool;
        try {
            spool = Spool.open(disk, SMALL, Messages.settings(folder), _ -> { });
        } catch (StoppingDisk.Stopped died) {
            return;
        }
        try (spool) {
            for (int round = 0; round < 12; round++) {
                for (int i = 0; i < 4; i++) {
                    store(spool, ("round " + round + " message " + i + " ").repeat(40));
                }
                List<Mid> done = acknowledged.keySet().stream().filter(mid -> mid.value() % 9 != 0 && !unsureWhetherDone.contains(mid)).toList();
                CompletableFuture<Void> durable = new CompletableFuture<>();
                spool.change(done.stream().map(mid -> new StateChange(mid, 0, new RecipientState.Delivered())).toList(), () -> durable.complete(null));
                unsureWhetherDone.addAll(done);
                store(spool, "after");
                if (durable.isDone()) {
                    unsureWhetherDone.removeAll(done);
                    acknowledged.keySet().removeAll(done);
                }
            }
        }
    }

    private void store(Spool spool, String body) throws IOException {
        NewMessage message = Messages.message(spool, body, 1);
        if (Messages.store(spool, message).join() instanceof Messages.Answer.Stored) {
            acknowledged.put(message.mid(), body);
        } else {
            unsure.add(message.mid());
        }
    }
}
