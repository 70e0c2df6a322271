package org.mailrelay.listener;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.access.Rate;

/// What has come of late, by whatever a rate is for. Any thread. Bounded: the longest untouched go first, and have most to spare.
final class RateMeter {

    private static final int MOST = 100_000;

    /// @param key whom it is for, and what
    record Key(String what, String whom) {}

    /// @param spare may be below zero where more was taken than there was
    private record Level(double spare, Instant at) {}

    private final Map<Key, Level> levels = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Level> eldest) {
            return size() > MOST;
        }
    };

    /// Takes one, where there is one to spare.
    boolean take(Key key, Optional<Rate> rate, Instant now) {
        return rate.isEmpty() || takeOne(key, rate.get(), now);
    }

    private synchronized boolean takeOne(Key key, Rate rate, Instant now) {
        double spare = spare(key, rate, now);
        boolean enough = spare >= 1;
        levels.put(key, new Level(enough ? spare - 1 : spare, now));
        return enough;
    }

    /// Whether anything is to spare.
    synchronized boolean any(Key key, Optional<Rate> rate, Instant now) {
        return rate.isEmpty() || spare(key, rate.get(), now) > 0;
    }

    /// Takes so many, whether they are to spare or not.
    void charge(Key key, Optional<Rate> rate, long count, Instant now) {
        if (rate.isPresent()) {
            synchronized (this) {
                levels.put(key, new Level(spare(key, rate.get(), now) - count, now));
            }
        }
    }

    private double spare(Key key, Rate rate, Instant now) {
        Level level = levels.get(key);
        if (level == null) {
            return rate.count();
        }
        double given = (double) Math.max(0, Duration.between(level.at, now).toMillis()) / rate.per().toMillis() * rate.count();
        return Math.min(rate.count(), level.spare + given);
    }
}
