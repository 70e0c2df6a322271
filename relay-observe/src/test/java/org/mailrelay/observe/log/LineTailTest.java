package org.mailrelay.observe.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LineTailTest {

    private final LineTail tail = new LineTail();

    @Test
    void givesLinesInOrderFromTheMomentOfFollowing() throws Exception {
        tail.lines("before\n");
        try (var follower = tail.follow(4)) {
            tail.lines("one\ntwo\n");
            tail.lines("three\n");
            assertThat(follower.next(Duration.ofSeconds(1))).contains("one\ntwo\n");
            assertThat(follower.next(Duration.ofSeconds(1))).contains("three\n");
            assertThat(follower.next(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void losesAndCountsWhereTheFollowerIsSlow() throws Exception {
        try (var follower = tail.follow(1)) {
            tail.lines("one\n");
            tail.lines("two\n");
            assertThat(follower.lost()).isEqualTo(1);
            assertThat(follower.next(Duration.ZERO)).contains("one\n");
        }
    }

    @Test
    void forgetsWhoHasClosed() {
        var follower = tail.follow(1);
        follower.close();
        tail.lines("one\n");
        tail.lines("two\n");
        assertThat(follower.lost()).isZero();
    }
}
