package org.mailrelay.listener;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.mailrelay.core.access.Rate;

/// What has come of late, by whatever a rate is for. Any thread. Bounded: of each kind the longest untouched go first, and have most to spare; so nobody
/// who invents senders makes room for those who connect too often.
final class RateMeter {

    static final int MOST = 100_000;

    enum What { CONNECTION, MESSAGE, RECIPIENT, OCTETS, SENDER }

    /// @param whom it is for
    record Key(What what, String whom) {}

    /// One that is wanted of a rate, where there is a rate.
    record Share(Key key, Optional<Rate> rate) {}

    /// @param spare may be below zero where more was taken than there was
    private record Level(double spare, Instant at) {}

    private static final class Levels extends LinkedHashMap<String, Level> {
        private static final long serialVersionUID = 1L;

        private Levels() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Level> eldest) {
            return size() > MOST;
        }
    }

    private final Map<What, Levels> levels = new EnumMap<>(What.class);

    RateMeter() {
        for (What what : What.values()) {
            levels.put(what, new Levels());
        }
    }

    /// Takes one, where there is one to spare.
    boolean take(Key key, Optional<Rate> rate, Instant now) {
        return rate.isEmpty() || takeAll(List.of(new Share(key, rate)), now);
    }

    /// Takes one of each, or none of any.
    boolean takeAll(List<Share> shares, Instant now) {
        if (shares.stream().allMatch(share -> share.rate().isEmpty())) {
            return true;
        }
        synchronized (this) {
            for (Share share : shares) {
                if (share.rate().isPresent() && spare(share.key(), share.rate().get(), now) < 1) {
                    return false;
                }
            }
            shares.forEach(share -> charge(share.key(), share.rate(), 1, now));
            return true;
        }
    }

    /// Whether anything is to spare.
    boolean any(Key key, Optional<Rate> rate, Instant now) {
        if (rate.isEmpty()) {
            return true;
        }
        synchronized (this) {
            return spare(key, rate.get(), now) > 0;
        }
    }

    /// Takes so many, whether they are to spare or not.
    void charge(Key key, Optional<Rate> rate, long count, Instant now) {
        if (rate.isPresent()) {
            synchronized (this) {
                of(key.what()).put(key.whom(), new Level(spare(key, rate.get(), now) - count, now));
            }
        }
    }

    private double spare(Key key, Rate rate, Instant now) {
        Level level = of(key.what()).get(key.whom());
        if (level == null) {
            return rate.count();
        }
        double given = (double) Math.max(0, Duration.between(level.at, now).toMillis()) / rate.per().toMillis() * rate.count();
        return Math.min(rate.count(), level.spare + given);
    }

    private Levels of(What what) {
        return Objects.requireNonNull(levels.get(what));
    }

    synchronized int size() {
        return levels.values().stream().mapToInt(Levels::size).sum();
    }
}
