package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConcurrencyWindowTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static ConcurrencyWindow grown(int size) {
        ConcurrencyWindow window = ConcurrencyWindow.START;
        while (window.size() < size) {
            window = window.succeeded(size, NOW);
        }
        return window;
    }

    @Test
    void itBeginsWithOneAndDoublesARoundUpToTheLimit() {
        ConcurrencyWindow window = ConcurrencyWindow.START;
        for (int round = 1; round <= 6; round++) {
            int answers = window.size();
            for (int i = 0; i < answers; i++) {
                window = window.succeeded(20, NOW);
            }
            assertThat(window.size()).isEqualTo(Math.min(20, 1 << round));
        }
        assertThat(window.succeeded(20, NOW)).isSameAs(window);
    }

    @Test
    void oneSignOfOverloadHalvesItHoweverManyConnectionsShowIt() {
        ConcurrencyWindow window = grown(20);
        for (int i = 0; i < 20; i++) {
            window = window.overrun(NOW);
        }
        assertThat(window.size()).isEqualTo(10);
        assertThat(window.overrun(NOW.plus(ConcurrencyWindow.REST)).size()).as("the next sign, later").isEqualTo(5);
    }

    @Test
    void afterOverloadItRestsAndThenGrowsByOneARound() {
        ConcurrencyWindow window = grown(20).overrun(NOW);
        assertThat(window.succeeded(20, NOW.plus(ConcurrencyWindow.REST).minusMillis(1))).isSameAs(window);
        Instant later = NOW.plus(ConcurrencyWindow.REST);
        for (int round = 1; round <= 10; round++) {
            int answers = window.size();
            for (int i = 0; i < answers; i++) {
                window = window.succeeded(20, later);
            }
            assertThat(window.size()).isEqualTo(10 + round);
        }
    }

    @Test
    void aConnectionRefusedBesideOthersSaysHowManyFit() {
        assertThat(grown(20).refusedBeside(7, NOW).size()).isEqualTo(7);
        assertThat(grown(4).refusedBeside(7, NOW).size()).isEqualTo(4);
        assertThat(grown(4).refusedBeside(0, NOW).size()).isEqualTo(1);
    }

    @Test
    void whateverHappensItStaysBetweenOneAndTheLimitAndCanGrowAgain() {
        Random random = new Random(5);
        for (int run = 0; run < 200; run++) {
            ConcurrencyWindow window = ConcurrencyWindow.START;
            Instant now = NOW;
            for (int i = 0; i < 500; i++) {
                now = now.plusSeconds(random.nextInt(5));
                window = switch (random.nextInt(6)) {
                    case 0 -> window.overrun(now);
                    case 1 -> window.refusedBeside(random.nextInt(25), now);
                    default -> window.succeeded(20, now);
                };
                assertThat(window.size()).isBetween(1, 20);
            }
            Instant quiet = now.plus(ConcurrencyWindow.REST);
            for (int i = 0; i < 400; i++) {
                window = window.succeeded(20, quiet);
            }
            assertThat(window.size()).isEqualTo(20);
        }
    }
}
