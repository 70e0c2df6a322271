package org.mailrelay.core.access;

import java.time.Duration;

/// So many in so long: `180/1m`. All of them may come at once; then as many as the time gives back.
public record Rate(long count, Duration per) {

    public Rate {
        if (count < 1 || per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException(count + " in " + per);
        }
    }

    @Override
    public String toString() {
        return count + "/" + per;
    }
}
