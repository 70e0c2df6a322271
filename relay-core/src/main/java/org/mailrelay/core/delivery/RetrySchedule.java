package org.mailrelay.core.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.mailrelay.core.settings.BounceProfile;

/// When a message that was refused for now is tried again.
public final class RetrySchedule {

    private RetrySchedule() {
    }

    public sealed interface Next {
        record At(Instant instant) implements Next {}

        /// Tried often enough or long enough.
        record GiveUp() implements Next {}
    }

    /// The wait doubles from the first to the longest; the last one ends with the message's time.
    ///
    /// A try is one in which MAIL was sent, over one mail host or two. `max_retries` counts those after the first.
    ///
    /// @param tries made so far, at least 1
    public static Next next(BounceProfile profile, int tries, Instant received, Instant now, RandomGenerator random) {
        return next(profile, tries, new Lifetime(received, received.plus(profile.maxTimeInQueue())), now, random);
    }

    /// @param tries made so far, at least 1
    public static Next next(BounceProfile profile, int tries, Lifetime life, Instant now, RandomGenerator random) {
        if (tries < 1) {
            throw new IllegalArgumentException("the next try after " + tries);
        }
        if (tries > profile.maxRetries() || life.isOver(now)) {
            return new Next.GiveUp();
        }
        Instant next = now.plus(wait(profile.initialRetry(), profile.maxRetry(), tries, random));
        return new Next.At(next.isAfter(life.ends()) ? life.ends() : next);
    }

    /// Give or take a tenth, so that what failed together does not come back together; never longer than `most`.
    ///
    /// @param tries made so far, at least 1
    public static Duration wait(Duration first, Duration most, int tries, RandomGenerator random) {
        long millis = first.toMillis();
        for (int i = 1; i < tries && millis < most.toMillis(); i++) {
            millis *= 2;
        }
        millis = Math.min(millis, most.toMillis());
        long least = millis * 9 / 10;
        long spread = Math.min(millis * 11 / 10, most.toMillis()) - least;
        return Duration.ofMillis(Math.max(1, least + (long) (spread * random.nextDouble())));
    }
}
