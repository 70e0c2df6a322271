package org.mailrelay.core.delivery;

import java.time.Duration;
import java.time.Instant;

/// How many connections a destination may have at once, learned from how it takes the mail: one at first, doubled while all goes well, halved when the host
/// is overrun, and then one more at a time.
///
/// @param size      at least 1
/// @param threshold up to here every success adds one; beyond, as many as there are connections
/// @param credit    successes since the last growth beyond the threshold
/// @param restUntil no growth before
public record ConcurrencyWindow(int size, int threshold, int credit, Instant restUntil) {

    public static final ConcurrencyWindow START = new ConcurrencyWindow(1, Integer.MAX_VALUE, 0, Instant.MIN);

    /// After a sign of overload.
    static final Duration REST = Duration.ofSeconds(10);

    public ConcurrencyWindow {
        if (size < 1 || threshold < 1 || credit < 0) {
            throw new IllegalArgumentException("a window of " + size + " with threshold " + threshold + " and credit " + credit);
        }
    }

    /// A transaction was answered without a sign of overload.
    ///
    /// @param most the operator's limit
    public ConcurrencyWindow succeeded(int most, Instant now) {
        if (size >= most || now.isBefore(restUntil)) {
            return this;
        }
        if (size < threshold) {
            return new ConcurrencyWindow(size + 1, threshold, 0, restUntil);
        }
        return credit + 1 >= size ? new ConcurrencyWindow(size + 1, threshold, 0, restUntil) : new ConcurrencyWindow(size, threshold, credit + 1, restUntil);
    }

    /// 421, 4yz to the connection or to MAIL, silence. What other connections say at the same time is the same sign.
    public ConcurrencyWindow overrun(Instant now) {
        if (now.isBefore(restUntil)) {
            return this;
        }
        int half = Math.max(1, size / 2);
        return new ConcurrencyWindow(half, half, 0, now.plus(REST));
    }

    /// A further connection was refused beside `living` ones: so many, and no more for now.
    public ConcurrencyWindow refusedBeside(int living, Instant now) {
        int fits = Math.max(1, Math.min(size, living));
        return new ConcurrencyWindow(fits, fits, 0, now.plus(REST));
    }
}
