package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What slow clients can keep (B-DOS): no octet buys more time than its share of the rate.
class PatienceTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final SessionLimits LIMITS = new SessionLimits(Duration.ZERO, Duration.ofSeconds(60), Duration.ofMinutes(5), 100, Duration.ofHours(2), Duration.ofSeconds(5));

    /// Gives a client so many octets at each interval for as long as it is borne.
    ///
    /// @return seconds until patience ends; at most a day
    private static long borne(Patience patience, long octets, Duration interval) {
        long now = 0;
        while (now < patience.deadline() && now < Duration.ofDays(1).toNanos()) {
            now += interval.toNanos();
            if (now < patience.deadline()) {
                patience.contentCame(octets, now);
            }
        }
        return patience.deadline() / SECOND;
    }

    private static Patience inContent() {
        Patience patience = new Patience(LIMITS, 0);
        patience.contentAwaited(0);
        return patience;
    }

    @Test
    void B_DOS_contentThatDripsEndsAsSilenceDoes() {
        assertThat(borne(inContent(), 1, Duration.ofSeconds(1))).isBetween(300L, 304L);
        assertThat(borne(inContent(), 50, Duration.ofSeconds(1))).isBetween(590L, 601L);
        assertThat(borne(inContent(), 1, Duration.ofMinutes(4))).isBetween(300L, 301L);
    }

    @Test
    void contentThatComesAtTheRateIsWaitedForUntilTheMessagesTimeIsUp() {
        assertThat(borne(inContent(), 100, Duration.ofSeconds(1))).isEqualTo(7_200);
        assertThat(borne(inContent(), 1_000_000, Duration.ofSeconds(1))).isEqualTo(7_200);
    }

    @Test
    void silenceWithinContentEndsItThoughMuchHasCome() {
        Patience patience = inContent();
        patience.contentCame(1_000_000_000, SECOND);
        assertThat(patience.deadline()).isEqualTo(301 * SECOND);
    }

    @Test
    void B_DOS_aSessionWithoutAMessageEndsWhateverItSays() {
        Patience patience = new Patience(LIMITS, 0);
        patience.commandAwaited(7_199 * SECOND);
        assertThat(patience.deadline()).isEqualTo(7_200 * SECOND);
        patience.messageTaken(7_199 * SECOND);
        assertThat(patience.deadline()).isEqualTo((7_199 + 300) * SECOND);
    }
}
