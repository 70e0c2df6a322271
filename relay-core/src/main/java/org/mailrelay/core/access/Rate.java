package org.mailrelay.core.access;

import java.time.Duration;

/// So many in so long: `180/1m`. All of them may come at once; then as many as the time gives back.
public record Rate(long count, Duration per) {

    public Rate {
        if (count < 1 || per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException(count + " in " + per);
        }
    }

    /// `180/1m`, as one would write it.
    @Override
    public String toString() {
        long seconds = per.toSeconds();
        return count + "/" + (per.getNano() != 0 ? per.toMillis() + "ms" : seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds % 3_600 == 0 ? seconds / 3_600 + "h"
                : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s");
    }
}
