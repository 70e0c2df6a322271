package org.mailrelay.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.BounceProfile;

class ReportRateTest {

    private static final BounceProfile.ReportLimits LIMITS = new BounceProfile.ReportLimits(3, 5);
    private static final Mailbox VICTIM = Mailbox.of("victim@example.org");

    private final ReportRate rate = new ReportRate();

    @Test
    void anAddressGetsSoManyInAnHourAndThenNoMore() {
        for (int i = 0; i < 3; i++) {
            assertThat(rate.take(LIMITS, VICTIM, Reports.NOW)).isTrue();
        }
        assertThat(rate.take(LIMITS, VICTIM, Reports.NOW.plus(Duration.ofMinutes(59)))).isFalse();
        assertThat(rate.take(LIMITS, Mailbox.of("VICTIM@example.org"), Reports.NOW)).isFalse();
        assertThat(rate.take(LIMITS, VICTIM, Reports.NOW.plus(Duration.ofHours(1)))).isTrue();
    }

    @Test
    void aDomainGetsSoManyForAllItsAddresses() {
        int taken = 0;
        for (int i = 0; i < 20; i++) {
            taken += rate.take(LIMITS, Mailbox.of("u" + i + "@example.org"), Reports.NOW) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(5);
        assertThat(rate.take(LIMITS, Mailbox.of("u@example.net"), Reports.NOW)).isTrue();
    }

    @Test
    void aClockThatIsSetBackDoesNotSilenceItForLong() {
        for (int i = 0; i < 4; i++) {
            rate.take(LIMITS, VICTIM, Reports.NOW);
        }
        assertThat(rate.take(LIMITS, VICTIM, Reports.NOW.minus(Duration.ofDays(1)))).isTrue();
    }

    @Test
    void manyForgedSendersTakeBoundedMemoryAndTheVictimStaysLimited() {
        for (int i = 0; i < 100_000; i++) {
            rate.take(LIMITS, Mailbox.of("u" + i + "@d" + i + ".example"), Reports.NOW);
            if (i % 1_000 == 0) {
                rate.take(LIMITS, VICTIM, Reports.NOW);
            }
        }
        assertThat(rate.take(LIMITS, VICTIM, Reports.NOW)).isFalse();
        assertThat(rate.counted()).isLessThanOrEqualTo(20_000);
    }
}
