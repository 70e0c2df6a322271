package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyReadersTest {

    private static final long MOST = 16L * BodyReaders.PIECE;

    private final BodyReaders readers = new BodyReaders(Runnable::run, MOST);

    @Test
    void withPlentyOfRoomAReadIsLargeAndOneMayBeAhead() {
        assertThat(readers.take(1 << 30)).isEqualTo(BodyReaders.PIECE);
        assertThat(readers.takeAhead(1 << 30)).isEqualTo(BodyReaders.PIECE);
        assertThat(readers.used()).isEqualTo(2L * BodyReaders.PIECE);
    }

    @Test
    void noMoreIsTakenThanIsWanted() {
        assertThat(readers.take(100)).isEqualTo(100);
        assertThat(readers.takeAhead(100)).isEqualTo(100);
        assertThat(readers.take(0)).isZero();
    }

    @Test
    void withLittleRoomPiecesAreSmallAndNoneIsReadAhead() {
        while (readers.take(1 << 30) > BodyReaders.LEAST) {
            continue;
        }
        assertThat(readers.used()).isLessThanOrEqualTo(MOST);
        assertThat(readers.takeAhead(1 << 30)).isZero();
        assertThat(readers.takeAhead(1_000)).as("a short rest still fits").isEqualTo(1_000);
    }

    @Test
    void whoHasNothingOnItsWayIsNeverRefused() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(readers.take(1 << 30)).isGreaterThanOrEqualTo(BodyReaders.LEAST);
        }
        assertThat(readers.used()).isLessThanOrEqualTo(MOST + 10_000L * BodyReaders.LEAST);
    }

    @Test
    void whatIsGivenBackMakesPiecesLargeAgain() {
        Random random = new Random(1);
        Deque<Integer> taken = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            if (random.nextBoolean() || taken.isEmpty()) {
                taken.add(random.nextBoolean() ? readers.take(random.nextInt(1 << 20)) : readers.takeAhead(random.nextInt(1 << 20)));
            } else {
                readers.giveBack(taken.poll());
            }
            assertThat(readers.used()).isGreaterThanOrEqualTo(0);
        }
        taken.forEach(readers::giveBack);
        assertThat(readers.used()).isZero();
        assertThat(readers.take(1 << 30)).isEqualTo(BodyReaders.PIECE);
    }
}
