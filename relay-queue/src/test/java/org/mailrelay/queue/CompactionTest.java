package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.mail.Mid;

/// Space comes back, and what still waits stays, whatever the disk does on the way. Segments are 16 KiB here.
class CompactionTest {

    private static final long ROLL = 16 * 1024;
    private static final SpoolSizes SIZES = new SpoolSizes(ROLL, ROLL);

    @TempDir
    Path folder;

    /// Stores many, finishes all but each twentieth, and goes on until the sparse segments have been copied out.
    ///
    /// @return what waits, with its body
    private static Map<Mid, String> fillAndFinish(Spool spool) throws IOException {
        Map<Mid, String> waiting = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            String body = ("message " + i + " ").repeat(60);
            NewMessage message = Messages.message(spool, body, 1);
            if (Messages.store(spool, message).join() instanceof Messages.Answer.Stored) {
                waiting.put(message.mid(), body);
            }
        }
        List<Mid> finished = waiting.keySet().stream().filter(mid -> mid.value() % 20 != 0).sorted().toList();
        for (int from = 0; from < finished.size(); from += 25) {
            Messages.finish(spool, finished.subList(from, Math.min(finished.size(), from + 25)));
        }
        waiting.keySet().removeAll(finished);
        return waiting;
    }

    @Test
    void segmentsThatAreMostlyFinishedAreCopiedOutAndDeleted() throws IOException {
        Map<Mid, String> waiting;
        try (Spool spool = Spool.open(new RealDisk(), SIZES, Messages.settings(folder), _ -> { })) {
            waiting = fillAndFinish(spool);
            assertThat(waiting).hasSizeBetween(9, 11);
            assertThat(spool.status().bytes()).isLessThan(8 * ROLL);
        }
        assertSame(waiting);
    }

    @Test
    void finishedMailDoesNotComeBackWhenTheSegmentOfItsCompletionIsDeletedLater() throws IOException {
        Map<Mid, String> waiting;
        try (Spool spool = Spool.open(new RealDisk(), SIZES, Messages.settings(folder), _ -> { })) {
            waiting = fillAndFinish(spool);
        }
        for (int restart = 0; restart < 5; restart++) {
            try (Spool spool = Spool.open(new RealDisk(), SIZES, Messages.settings(folder), _ -> { })) {
                assertThat(spool.messages().collect(Collectors.toSet())).isEqualTo(waiting.keySet());
                Mid more = Messages.stored(spool, "more ".repeat(4_000), 1);
                Messages.change(spool, more, 0, new RecipientState.Delivered());
            }
        }
        assertSame(waiting);
    }

    static List<Integer> operations() {
        return IntStream.range(0, 40).map(i -> i * 11).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aDiskThatFailsOnceOnTheWayCostsNothingThatWasAcknowledged(int failing) throws IOException {
        Map<Mid, String> waiting;
        try (Spool spool = Spool.open(new FailingDisk(failing, "Input/output error"), SIZES, Messages.settings(folder), _ -> { })) {
            waiting = fillAndFinish(spool);
        }
        assertSame(waiting);
    }

    /// Its segment is full of it: never sparse, and all that is said of it later would have to stay.
    @Test
    void aMessageThatIsTriedTenThousandTimesTakesLittleRoomAndIsKnownExactlyAtTheNextStart() throws IOException {
        RecipientState last = new RecipientState.Waiting(10_000, Messages.RECEIVED.plusSeconds(10_000), "4.4.1 connection refused (10000)");
        Mid mid;
        String body = "x".repeat((int) ROLL - 500);
        try (Spool spool = Spool.open(new RealDisk(), SIZES, Messages.settings(folder), _ -> { })) {
            mid = Messages.stored(spool, body, 1);
            long most = 0;
            for (int from = 1; from <= 10_000; from += 100) {
                List<StateChange> tries = IntStream.range(from, from + 100).mapToObj(attempt -> new StateChange(mid, 0,
                        new RecipientState.Waiting(attempt, Messages.RECEIVED.plusSeconds(attempt), "4.4.1 connection refused (" + attempt + ")"))).toList();
                change(spool, tries);
                most = Math.max(most, spool.status().bytes());
            }
            assertThat(most).as("octets on the disk at most").isLessThan(8 * ROLL);
            assertThat(spool.states(mid)).contains(List.of(last));
        }
        try (Spool spool = Spool.open(Messages.settings(folder), _ -> { })) {
            assertThat(spool.messages()).containsExactly(mid);
            assertThat(spool.states(mid)).contains(List.of(last));
            assertThat(Messages.body(spool, mid)).isEqualTo(body);
        }
    }

    /// Segments full of mail that waits for days, and what is said of it in between.
    @Test
    void manyMessagesThatAreTriedAgainAndAgainTakeNotMuchMoreRoomThanTheyNeed() throws IOException {
        Map<Mid, String> waiting = new HashMap<>();
        try (Spool spool = Spool.open(new RealDisk(), SIZES, Messages.settings(folder), _ -> { })) {
            for (int i = 0; i < 60; i++) {
                String body = ("message " + i + " ").repeat(100);
                waiting.put(Messages.stored(spool, body, 1), body);
            }
            long mail = spool.status().bytes();
            long most = 0;
            for (int attempt = 1; attempt <= 80; attempt++) {
                RecipientState state = new RecipientState.Waiting(attempt, Messages.RECEIVED.plusSeconds(attempt), "4.4.1 connection refused");
                change(spool, waiting.keySet().stream().map(mid -> new StateChange(mid, 0, state)).toList());
                most = Math.max(most, spool.status().bytes());
            }
            assertThat(most).as("octets on the disk at most, for %s of mail", mail).isLessThan(3 * mail + 6 * ROLL);
        }
        assertSame(waiting);
        try (Spool spool = Spool.open(Messages.settings(folder), _ -> { })) {
            for (Mid mid : waiting.keySet()) {
                assertThat(spool.states(mid).orElseThrow()).containsExactly(new RecipientState.Waiting(80, Messages.RECEIVED.plusSeconds(80), "4.4.1 connection refused"));
            }
        }
    }

    private static void change(Spool spool, List<StateChange> changes) {
        CompletableFuture<Void> durable = new CompletableFuture<>();
        spool.change(changes, () -> durable.complete(null));
        durable.join();
    }

    private void assertSame(Map<Mid, String> waiting) throws IOException {
        List<SpoolProblem> problems = new ArrayList<>();
        try (Spool spool = Spool.open(Messages.settings(folder), problems::add)) {
            assertThat(spool.messages().collect(Collectors.toSet())).isEqualTo(waiting.keySet());
            for (Map.Entry<Mid, String> each : waiting.entrySet()) {
                assertThat(Messages.body(spool, each.getKey())).isEqualTo(each.getValue());
            }
        }
        assertThat(problems).isEmpty();
    }
}
