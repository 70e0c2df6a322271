package org.mailrelay.core.settings;

import java.time.Duration;

/// `recipient_rate: 180/1m`: no more recipients than this in any time so long.
public record RecipientRate(int recipients, Duration period) {

    public RecipientRate {
        if (recipients < 1 || period.toMillis() < 1) {
            throw new IllegalArgumentException("a rate of " + recipients + " in " + period);
        }
    }

    /// `180/1m`, as one would write it.
    @Override
    public String toString() {
        long millis = period.toMillis();
        String time = millis % 86_400_000 == 0 ? millis / 86_400_000 + "d" : millis % 3_600_000 == 0 ? millis / 3_600_000 + "h"
                : millis % 60_000 == 0 ? millis / 60_000 + "m" : millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
        return recipients + "/" + time;
    }
}
