package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClockJumpTest {

    private static final long LEAST = ClockJump.LEAST.toMillis();
    private static final List<Long> PASSED = List.of(0L, 1L, 999L, LEAST, Duration.ofHours(1).toMillis(), Duration.ofDays(30).toMillis());
    private static final List<Long> SET = Stream.of(Duration.ofMinutes(10), Duration.ofMinutes(11), Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(5), Duration.ofDays(4_000))
            .flatMap(by -> Stream.of(by.toMillis(), -by.toMillis())).toList();

    /// R-RTY-2: by whatever a clock is set, and however much time passes beside it, exactly that is told apart from the time.
    @Test
    void whatWasSetIsToldFromWhatPassed() {
        for (long passed : PASSED) {
            for (long set : SET) {
                assertThat(ClockJump.between(passed + set, passed)).as("set by %d while %d passed", set, passed).isEqualTo(set);
            }
        }
    }

    @Test
    void driftIsNoJump() {
        for (long passed : PASSED) {
            for (long drift : List.of(0L, 1L, -1L, 60_000L, -60_000L, LEAST - 1, 1 - LEAST)) {
                assertThat(ClockJump.between(passed + drift, passed)).as("drift %d while %d passed", drift, passed).isZero();
            }
        }
    }

    @Test
    void aLongWaitBetweenTwoLooksIsNoJump() {
        assertThat(ClockJump.between(Duration.ofDays(5).toMillis(), Duration.ofDays(5).toMillis())).isZero();
    }
}
