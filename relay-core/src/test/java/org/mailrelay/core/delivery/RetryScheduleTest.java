package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.settings.BounceProfile;

class RetryScheduleTest {

    private static final Instant RECEIVED = Instant.parse("2026-01-01T00:00:00Z");

    private static BounceProfile profile(int retries, Duration queued, Duration first, Duration most) {
        return new BounceProfile("p", retries, queued, first, most);
    }

    /// The least, the middle and the most that a generator can give.
    private static List<RandomGenerator> extremes() {
        return List.of(fixed(0), fixed(0.5), fixed(Math.nextDown(1.0)), new Random(7));
    }

    private static RandomGenerator fixed(double value) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public double nextDouble() {
                return value;
            }
        };
    }

    @Test
    void R_RTY_1_aWaitIsNeverLongerThanTheLongestNorShorterThanNineTenthsOfItsStep() {
        for (RandomGenerator random : extremes()) {
            for (int tries = 1; tries < 200; tries++) {
                long step = tries > 6 ? 3600 : Math.min(3600, 60L << (tries - 1));
                Duration wait = RetrySchedule.wait(Duration.ofSeconds(60), Duration.ofHours(1), tries, random);
                assertThat(wait).isBetween(Duration.ofMillis(step * 900), Duration.ofSeconds(3600));
                assertThat(wait).isLessThanOrEqualTo(Duration.ofMillis(step * 1100));
            }
        }
    }

    @Test
    void R_RTY_1_whatFailedTogetherDoesNotComeBackTogetherEvenAtTheLongestWait() {
        Random random = new Random(1);
        assertThat(java.util.stream.IntStream.range(0, 1_000).mapToObj(_ -> RetrySchedule.wait(Duration.ofSeconds(60), Duration.ofHours(1), 50, random)).distinct().count())
                .isGreaterThan(900);
    }

    @Test
    void R_RTY_1_theNextTryIsLaterThanNowAndNotBeyondTheEndOfTheMessagesTime() {
        for (RandomGenerator random : extremes()) {
            for (Duration queued : List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofHours(72))) {
                BounceProfile profile = profile(100, queued, Duration.ofSeconds(60), Duration.ofHours(1));
                for (int tries = 1; tries <= 102; tries++) {
                    for (long age = 0; age < queued.toMillis(); age += Math.max(1, queued.toMillis() / 97)) {
                        Instant now = RECEIVED.plusMillis(age);
                        switch (RetrySchedule.next(profile, tries, RECEIVED, now, random)) {
                            case RetrySchedule.Next.At(Instant at) -> {
                                assertThat(at).isAfter(now).isBeforeOrEqualTo(RECEIVED.plus(queued));
                                assertThat(tries).isLessThanOrEqualTo(100);
                            }
                            case RetrySchedule.Next.GiveUp _ -> assertThat(tries).isGreaterThan(100);
                        }
                    }
                }
            }
        }
    }

    @Test
    void R_RTY_2_atTheEndOfItsTimeAMessageIsGivenUpHoweverFewItsTries() {
        BounceProfile profile = profile(100, Duration.ofHours(72), Duration.ofSeconds(60), Duration.ofHours(1));
        for (long late : new long[] {0, 1, 1_000_000}) {
            assertThat(RetrySchedule.next(profile, 1, RECEIVED, RECEIVED.plus(Duration.ofHours(72)).plusMillis(late), fixed(0))).isEqualTo(new RetrySchedule.Next.GiveUp());
        }
    }

    @Test
    void maxRetriesCountsTheTriesAfterTheFirst() {
        for (int retries = 0; retries < 5; retries++) {
            BounceProfile profile = profile(retries, Duration.ofHours(72), Duration.ofSeconds(60), Duration.ofHours(1));
            int made = 1;
            while (RetrySchedule.next(profile, made, RECEIVED, RECEIVED, fixed(0)) instanceof RetrySchedule.Next.At) {
                made++;
            }
            assertThat(made).isEqualTo(retries + 1);
        }
    }

    @Test
    void R_RTY_2_aClockThatWasSetBackBouncesNothing() {
        BounceProfile profile = BounceProfile.DEFAULT;
        assertThat(RetrySchedule.next(profile, 3, RECEIVED, RECEIVED.minus(Duration.ofDays(1)), fixed(0.5))).isInstanceOf(RetrySchedule.Next.At.class);
    }

    @Test
    void theFirstTryIsNoMatterOfTheSchedule() {
        assertThatThrownBy(() -> RetrySchedule.next(BounceProfile.DEFAULT, 0, RECEIVED, RECEIVED, fixed(0))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theWaitsDoubleFromTheFirst() {
        assertThat(java.util.stream.IntStream.rangeClosed(1, 8).mapToObj(tries -> RetrySchedule.wait(Duration.ofSeconds(60), Duration.ofHours(1), tries, fixed(0.5)).toSeconds()))
                .containsExactly(60L, 120L, 240L, 480L, 960L, 1920L, 3420L, 3420L);
    }
}
