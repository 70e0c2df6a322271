package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.settings.BounceProfile;

class LifetimeTest {

    private static final Instant RECEIVED = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration QUEUED = BounceProfile.DEFAULT.maxTimeInQueue();

    private static Lifetime of(MailParameters said) {
        return Lifetime.of(BounceProfile.DEFAULT, RECEIVED, said);
    }

    @Test
    void itBeginsWithReceptionAndEndsWithTheQueuesTime() {
        assertThat(of(MailParameters.NONE)).isEqualTo(new Lifetime(RECEIVED, RECEIVED.plus(QUEUED)));
    }

    /// RFC 4865 §4: the hold is no part of the time in which delivery is tried.
    @Test
    void theHoldThatItsSenderAskedForIsNotCounted() {
        Instant release = RECEIVED.plus(Duration.ofDays(10));
        assertThat(of(MailParameters.NONE.withHoldUntil(release))).isEqualTo(new Lifetime(release, release.plus(QUEUED)));
        assertThat(of(MailParameters.NONE.withHoldUntil(RECEIVED.minusSeconds(1)))).isEqualTo(of(MailParameters.NONE));
    }

    /// RFC 2852 §4.1 over modes and deadlines on both sides of the queue's time.
    @Test
    void whatIsWantedBackEndsAtItsDeadlineAndNothingEndsLaterThanTheQueuesTime() {
        for (DeliverBy.Mode mode : DeliverBy.Mode.values()) {
            for (long seconds : List.of(-5L, 0L, 60L, QUEUED.toSeconds(), QUEUED.toSeconds() + 60)) {
                Instant deadline = RECEIVED.plusSeconds(seconds);
                Lifetime life = of(MailParameters.NONE.withDeliverBy(new DeliverBy(deadline, mode, false)));
                boolean earlier = mode == DeliverBy.Mode.RETURN && seconds < QUEUED.toSeconds();
                assertThat(life.ends()).isEqualTo(earlier ? deadline : RECEIVED.plus(QUEUED));
                assertThat(life.isOver(life.ends())).isTrue();
                assertThat(life.isOver(life.ends().minusNanos(1))).isFalse();
            }
        }
    }
}
