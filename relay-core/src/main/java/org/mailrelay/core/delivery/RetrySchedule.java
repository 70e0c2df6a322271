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

    /// Doubles from the first wait to the longest, give or take a tenth, and never beyond the end of the message's time.
    ///
    /// @param attempts made so far, at least 1
    public static Next next(BounceProfile profile, int attempts, Instant received, Instant now, RandomGenerator random) {
        Instant end = received.plus(profile.maxTimeInQueue());
        if (attempts > profile.maxRetries() || !now.isBefore(end)) {
            return new Next.GiveUp();
        }
        Instant next = now.plus(wait(profile.initialRetry(), profile.maxRetry(), attempts, random));
        return new Next.At(next.isAfter(end) ? end : next);
    }

    public static Duration wait(Duration first, Duration most, int attempts, RandomGenerator random) {
        long millis = first.toMillis();
        for (int i = 1; i < attempts && millis < most.toMillis(); i++) {
            millis *= 2;
        }
        millis = Math.min(millis, most.toMillis());
        return Duration.ofMillis(Math.max(1, (long) (millis * (0.9 + random.nextDouble() * 0.2))));
    }
}
