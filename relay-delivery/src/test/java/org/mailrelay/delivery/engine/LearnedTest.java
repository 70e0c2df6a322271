package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.delivery.ConcurrencyWindow;
import org.mailrelay.core.mail.Domain;

class LearnedTest {

    private final Learned learned = new Learned();

    private static Destination destination(String domain) {
        return new Destination(new DestinationKey(Domain.of(domain), Optional.empty(), Optional.empty()));
    }

    private static Destination experienced(String domain) {
        Destination destination = destination(domain);
        destination.window = ConcurrencyWindow.START.succeeded(20, Instant.EPOCH).succeeded(20, Instant.EPOCH);
        destination.pace = 1_000;
        return destination;
    }

    @Test
    void aDestinationThatComesBackWithinMinutesKnowsHowManyConnectionsItsHostsBear() {
        learned.keep(experienced("a.example"), 1);
        Destination back = destination("a.example");
        learned.recall(back, Learned.KEPT_MILLIS);
        assertThat(back.window.size()).isEqualTo(3);
        assertThat(back.pace).isEqualTo(1_000);
    }

    @Test
    void laterItFeelsItsWayAgainAndSoDoesOneThatNobodyKnows() {
        learned.keep(experienced("a.example"), 1);
        Destination late = destination("a.example");
        learned.recall(late, 1 + Learned.KEPT_MILLIS);
        assertThat(late.window).isEqualTo(ConcurrencyWindow.START);
        Destination other = destination("b.example");
        learned.recall(other, 2);
        assertThat(other.window).isEqualTo(ConcurrencyWindow.START);
    }

    @Test
    void theOldestIsForgottenWhenThereAreTooMany() {
        for (int i = 0; i <= Learned.MOST; i++) {
            learned.keep(experienced("d" + i + ".example"), 1);
        }
        Destination first = destination("d0.example");
        learned.recall(first, 1);
        assertThat(first.window).isEqualTo(ConcurrencyWindow.START);
        Destination second = destination("d1.example");
        learned.recall(second, 1);
        assertThat(second.window.size()).isEqualTo(3);
    }
}
