package org.mailrelay.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleTimeTest {

    @ParameterizedTest
    @CsvSource({"PT0S, PT5S", "PT0.002S, PT5S", "PT0.125S, PT5S", "PT0.25S, PT10S", "PT0.75S, PT30S", "PT1S, PT30S", "PT5M, PT30S", "P3650000D, PT30S"})
    void aConnectionIsKeptFortyTimesAsLongAsItTookToOpenWithinFiveAndThirtySeconds(Duration opening, Duration kept) {
        assertThat(IdleTime.AUTO.after(opening)).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"PT0S", "PT1S", "PT5M"})
    void anExactTimeDoesNotAskWhatOpeningCost(Duration opening) {
        assertThat(IdleTime.exactly(Duration.ofSeconds(2)).after(opening)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theLongestTimeIsNotShorterThanTheShortest() {
        assertThatThrownBy(() -> new IdleTime(Duration.ofSeconds(5), Duration.ofSeconds(4))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IdleTime(Duration.ofSeconds(-1), Duration.ofSeconds(4))).isInstanceOf(IllegalArgumentException.class);
    }
}
