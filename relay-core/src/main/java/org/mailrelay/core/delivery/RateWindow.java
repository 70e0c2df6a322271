package org.mailrelay.core.delivery;

import java.time.Duration;
import org.mailrelay.core.settings.RecipientRate;

/// Counts the recipients of one domain, or one virtual gateway, against its rate, exactly: never more than the rate allows in any time as long as its period, whenever that begins.
/// The past is kept in sixty parts; one is forgotten as a whole, when all of it is older than the period. All times are in milliseconds. Not for several threads.
public final class RateWindow {

    private static final int PARTS = 60;

    private final RecipientRate rate;
    private final long width;
    private final long[] counts = new long[PARTS + 1];
    /// The part that `now` was in, counted from zero of the clock.
    private long current = Long.MIN_VALUE / 2;
    private long sum;

    public RateWindow(RecipientRate rate) {
        this.rate = rate;
        this.width = Math.max(1, (rate.period().toMillis() + PARTS - 1) / PARTS);
    }

    public RecipientRate rate() {
        return rate;
    }

    /// The same past under another rate. Where the periods differ all that is counted here counts as if it were of now.
    public RateWindow under(RecipientRate other, long now) {
        advance(now);
        RateWindow next = new RateWindow(other);
        if (next.width == width) {
            System.arraycopy(counts, 0, next.counts, 0, counts.length);
            next.current = current;
            next.sum = sum;
        } else {
            next.advance(now);
            next.add(sum);
        }
        return next;
    }

    /// Takes room for `recipients` more, if there is.
    ///
    /// @return zero when it was taken; else how long to wait before asking again. More than the rate has in all is let through when nothing else was.
    public Duration take(int recipients, long now) {
        Duration wait = delay(recipients, now);
        if (wait.isZero()) {
            add(recipients);
        }
        return wait;
    }

    /// What [#take] would say; nothing is taken.
    public Duration delay(int recipients, long now) {
        advance(now);
        int wanted = Math.min(recipients, rate.recipients());
        if (sum + wanted <= rate.recipients()) {
            return Duration.ZERO;
        }
        long left = sum;
        long part = current - PARTS;
        while (left + wanted > rate.recipients()) {
            left -= counts[Math.floorMod(part++, counts.length)];
        }
        return Duration.ofMillis(Math.max(1, (part + PARTS) * width - now));
    }

    /// How many more would go now.
    public int free(long now) {
        advance(now);
        return (int) Math.max(0, rate.recipients() - sum);
    }

    /// True when nothing is counted any more.
    public boolean isEmpty(long now) {
        advance(now);
        return sum == 0;
    }

    private void add(long recipients) {
        counts[Math.floorMod(current, counts.length)] += recipients;
        sum += recipients;
    }

    /// A clock that is set back gives nothing.
    private void advance(long now) {
        long to = Math.max(current, Math.floorDiv(now, width));
        long steps = Math.min(to - current, counts.length);
        for (long part = to - steps + 1; part <= to; part++) {
            int gone = Math.floorMod(part, counts.length);
            sum -= counts[gone];
            counts[gone] = 0;
        }
        current = to;
    }
}
