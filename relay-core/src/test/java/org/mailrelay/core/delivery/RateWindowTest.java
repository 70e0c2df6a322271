package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.settings.RecipientRate;

class RateWindowTest {

    private static final long NOW = 1_767_225_600_000L;
    private static final RecipientRate RATE = new RecipientRate(180, Duration.ofMinutes(1));

    private record Taken(long at, int recipients) {}

    @Test
    void noTimeAsLongAsThePeriodSeesMoreThanTheRate() {
        Random random = new Random(3);
        for (RecipientRate rate : List.of(RATE, new RecipientRate(1, Duration.ofSeconds(1)), new RecipientRate(7, Duration.ofMillis(10)), new RecipientRate(1000, Duration.ofHours(1)))) {
            RateWindow window = new RateWindow(rate);
            List<Taken> taken = new ArrayList<>();
            long now = NOW;
            for (int i = 0; i < 2_000; i++) {
                int want = 1 + random.nextInt(Math.min(20, rate.recipients()));
                Duration wait = window.take(want, now);
                if (wait.isZero()) {
                    taken.add(new Taken(now, want));
                }
                now += wait.isZero() ? random.nextInt((int) rate.period().toMillis() / 100 + 2) : wait.toMillis();
            }
            for (Taken first : taken) {
                long end = first.at() + rate.period().toMillis();
                int sum = taken.stream().filter(other -> other.at() >= first.at() && other.at() < end).mapToInt(Taken::recipients).sum();
                assertThat(sum).as("%s from %s", rate, first.at()).isLessThanOrEqualTo(rate.recipients());
            }
        }
    }

    @Test
    void overALongTimeTheRateIsUsedToTheFull() {
        RateWindow window = new RateWindow(RATE);
        long now = NOW;
        int sent = 0;
        while (now < NOW + 3_600_000) {
            Duration wait = window.take(1, now);
            sent += wait.isZero() ? 1 : 0;
            now += wait.toMillis();
        }
        assertThat(sent).isBetween(60 * 180 * 95 / 100, 61 * 180);
    }

    @Test
    void whoWaitsAsLongAsToldIsLetThrough() {
        RateWindow window = new RateWindow(RATE);
        assertThat(window.take(100, NOW)).isZero();
        assertThat(window.take(80, NOW + 10_000)).isZero();
        Duration wait = window.take(90, NOW + 20_000);
        assertThat(wait).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(42));
        assertThat(window.take(90, NOW + 20_000 + wait.toMillis())).isZero();
    }

    @Test
    void aMessageForMoreThanTheRateGoesWhenNothingElseHas() {
        RateWindow window = new RateWindow(new RecipientRate(10, Duration.ofSeconds(10)));
        assertThat(window.take(1, NOW)).isZero();
        Duration wait = window.take(50, NOW);
        assertThat(wait).isPositive();
        assertThat(window.take(50, NOW + wait.toMillis())).isZero();
        assertThat(window.take(1, NOW + wait.toMillis() + 9_000)).isPositive();
    }

    @Test
    void aClockThatIsSetBackLetsNothingMoreThrough() {
        RateWindow window = new RateWindow(RATE);
        assertThat(window.take(180, NOW)).isZero();
        assertThat(window.take(1, NOW - 3_600_000)).isPositive();
        assertThat(window.isEmpty(NOW + 62_000)).isTrue();
    }

    @Test
    void anotherRateOfTheSamePeriodKeepsThePastAndOneOfAnotherCountsAllOfItAsNew() {
        RateWindow window = new RateWindow(RATE);
        assertThat(window.take(100, NOW)).isZero();
        RateWindow more = window.under(new RecipientRate(200, Duration.ofMinutes(1)), NOW + 50_000);
        assertThat(more.take(101, NOW + 50_000)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12));
        assertThat(more.take(100, NOW + 50_000)).isZero();
        RateWindow longer = window.under(new RecipientRate(180, Duration.ofHours(1)), NOW + 50_000);
        assertThat(longer.take(80, NOW + 50_000)).isZero();
        assertThat(longer.take(1, NOW + 3_600_000)).isPositive();
        assertThat(longer.take(1, NOW + 50_000 + 3_720_000)).isZero();
        RateWindow less = window.under(new RecipientRate(10, Duration.ofMinutes(1)), NOW + 50_000);
        assertThat(less.take(1, NOW + 50_000)).isPositive();
        assertThat(less.take(10, NOW + 61_000)).isZero();
    }

    @Test
    void aRateReadsAsItIsWritten() {
        for (var each : Map.of("180/1m", Duration.ofMinutes(1), "180/90s", Duration.ofSeconds(90), "180/2h", Duration.ofHours(2), "180/31d", Duration.ofDays(31)).entrySet()) {
            assertThat(new RecipientRate(180, each.getValue())).hasToString(each.getKey());
        }
    }

    @Test
    void toAskTakesNothingAndWhatIsFreeGoes() {
        RateWindow window = new RateWindow(new RecipientRate(10, Duration.ofMinutes(1)));
        assertThat(window.free(0)).isEqualTo(10);
        assertThat(window.delay(4, 0)).isZero();
        assertThat(window.free(0)).isEqualTo(10);
        assertThat(window.take(7, 0)).isZero();
        assertThat(window.free(0)).isEqualTo(3);
        assertThat(window.delay(3, 0)).isZero();
        assertThat(window.delay(4, 0)).isPositive().isEqualTo(window.take(4, 0));
        assertThat(window.free(0)).isEqualTo(3);
        assertThat(window.free(62_000)).isEqualTo(10);
    }
}
