package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.RateWindow;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.Settings;

/// `recipient_rate`, of a recipient domain and of a virtual gateway: all destinations of the domain, all that leaves by the gateway, share it. What is handed to a
/// connection counts, whatever comes of it. Where the rate is used up no connection is opened and none takes a message, so that places are free for others.
/// Several that wait for one rate share what becomes free alike. Guarded by the engine's lock.
final class RateLimits {

    /// So often a rate is looked at: whether it was changed, whether all that is counted is past.
    private static final Duration LOOK = Duration.ofSeconds(10);
    /// Shares that were not used are free for others after this: to look up hosts and to connect takes its time.
    private static final Duration SHARE = Duration.ofSeconds(5);

    /// What stops a destination's mail.
    ///
    /// @param until it goes on then, at the latest
    record Stop(String reason, Instant until) {}

    private final EngineState state;
    private final Consumer<Destination> pump;
    private final Map<RateLimit.Key, RateLimit> limits = new HashMap<>();
    private final DueTimes<RateLimit> looks;
    private @Nullable Settings known;
    /// Some gateway has a rate.
    private boolean ofGateways;

    /// @param pump sees to a destination whose mail may go again
    RateLimits(EngineState state, Consumer<Destination> pump) {
        this.state = state;
        this.pump = pump;
        this.looks = new DueTimes<>(state, this::look);
    }

    /// True when nothing may go there at present; then it is seen to as soon as something may.
    boolean usedUp(Destination destination) {
        for (RateLimit limit : limits(destination)) {
            if (limit.stops(destination, state.tick())) {
                limit.waiting.add(destination);
                return true;
            }
        }
        return false;
    }

    /// Whether it may go now; then it is counted.
    boolean take(Item item) {
        List<RateLimit> all = limits(item.destination);
        if (all.isEmpty()) {
            return true;
        }
        if (usedUp(item.destination)) {
            return false;
        }
        for (RateLimit limit : all) {
            Duration wait = limit.window.delay(item.recipients(), state.tick());
            if (!wait.isZero()) {
                limit.until = state.tick() + wait.toMillis();
                limit.waiting.add(item.destination);
                lookAgain(limit);
                tell(limit, item, wait);
                return false;
            }
        }
        all.forEach(limit -> limit.take(item.destination, item.recipients(), state.tick()));
        return true;
    }

    /// What its mail waits for at present, if it is a rate.
    Optional<Stop> stop(Destination destination) {
        if (limits.isEmpty()) {
            return Optional.empty();
        }
        for (RateLimit.Key key : List.of(new RateLimit.Key.OfDomain(destination.key.domain()), gateway(destination))) {
            RateLimit limit = limits.get(key);
            if (limit != null && limit.stops(destination, state.tick())) {
                return Optional.of(new Stop(limit.reason(), state.now().plusMillis(Math.max(0, limit.until - state.tick()))));
            }
        }
        return Optional.empty();
    }

    /// Once, until there has been a time without mail.
    private void tell(RateLimit limit, Item item, Duration wait) {
        if (!limit.told) {
            limit.told = true;
            state.tell(new DeliveryEvent.Waits(state.now(), item.mid(), item.rids(), limit.reason(), state.now().plus(wait), List.of(), Optional.empty()));
        }
    }

    private RateLimit.Key gateway(Destination destination) {
        return new RateLimit.Key.OfGateway(state.settings().sources().gateway(destination.key.domain(), destination.key.gateway()).name());
    }

    private boolean gatewaysHaveRates() {
        Settings now = state.settings();
        if (known != now) {
            known = now;
            ofGateways = now.sources().gateways().values().stream().anyMatch(gateway -> gateway.limits().recipientRate().isPresent());
        }
        return ofGateways;
    }

    /// Those that hold for it; most have none.
    private List<RateLimit> limits(Destination destination) {
        Optional<RecipientRate> ofDomain = state.policy(destination).recipientRate();
        boolean rated = gatewaysHaveRates();
        if (ofDomain.isEmpty() && !rated) {
            return List.of();
        }
        List<RateLimit> all = new ArrayList<>(2);
        ofDomain.ifPresent(rate -> all.add(limit(new RateLimit.Key.OfDomain(destination.key.domain()), rate)));
        if (rated) {
            RateLimit.Key key = gateway(destination);
            rate(key).ifPresent(rate -> all.add(limit(key, rate)));
        }
        return all;
    }

    private Optional<RecipientRate> rate(RateLimit.Key key) {
        return switch (key) {
            case RateLimit.Key.OfDomain(var domain) -> state.settings().destinations().match(domain).recipientRate();
            case RateLimit.Key.OfGateway(var name) -> Optional.ofNullable(state.settings().sources().gateways().get(name)).flatMap(gateway -> gateway.limits().recipientRate());
        };
    }

    private RateLimit limit(RateLimit.Key key, RecipientRate rate) {
        RateLimit limit = limits.get(key);
        if (limit == null) {
            limit = new RateLimit(key, new RateWindow(rate));
            limits.put(key, limit);
            lookAgain(limit);
        } else if (!limit.window.rate().equals(rate)) {
            limit.window = limit.window.under(rate, state.tick());
            limit.until = Long.MIN_VALUE;
        }
        return limit;
    }

    private void lookAgain(RateLimit limit) {
        long wait = limit.until - state.tick();
        limit.unlink();
        if (limit.until != Long.MIN_VALUE && wait > 0 && wait <= LOOK.toMillis()) {
            looks.add(limit, Duration.ofMillis(wait));
        } else {
            looks.add(limit, limit.shares.isEmpty() ? LOOK : SHARE);
        }
    }

    private void look(RateLimit limit) {
        Optional<RecipientRate> rate = rate(limit.key);
        boolean changed = !rate.equals(Optional.of(limit.window.rate()));
        List<Destination> served = limit.until <= state.tick() || changed ? served(limit, changed) : List.of();
        boolean done = rate.isEmpty() || limit.waiting.isEmpty() && served.isEmpty() && limit.window.isEmpty(state.tick());
        if (done) {
            limits.remove(limit.key);
        } else {
            lookAgain(limit);
        }
        served.forEach(pump);
    }

    /// Those whose turn it is, with what is free divided among them. Where there are more than what is free, the others are the first of the next time.
    private List<Destination> served(RateLimit limit, boolean all) {
        limit.shares.clear();
        List<Destination> waiting = List.copyOf(limit.waiting);
        int free = limit.window.free(state.tick());
        if (all || waiting.size() < 2 || free < 1) {
            limit.waiting.clear();
            return waiting;
        }
        List<Destination> served = waiting.subList(0, Math.min(waiting.size(), free));
        served.forEach(destination -> limit.shares.put(destination, free / served.size()));
        served.forEach(limit.waiting::remove);
        return served;
    }
}
