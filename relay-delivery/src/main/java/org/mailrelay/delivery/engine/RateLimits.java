package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.RateWindow;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RecipientRate;

/// `recipient_rate`, by recipient domain: all destinations of a domain share it. What is handed to a connection counts, whatever comes of it. Where the rate is
/// used up no connection is opened and none takes a message, so that places are free for others. Guarded by the engine's lock.
final class RateLimits {

    /// So often a domain is looked at: whether its rate was changed, whether all that is counted is past.
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final EngineState state;
    private final Consumer<Destination> pump;
    private final Map<Domain, RateLimit> limits = new HashMap<>();
    private final DueTimes<RateLimit> looks;

    /// @param pump sees to a destination whose mail may go again
    RateLimits(EngineState state, Consumer<Destination> pump) {
        this.state = state;
        this.pump = pump;
        this.looks = new DueTimes<>(state, this::look);
    }

    /// True when nothing may go there at present; then it is seen to as soon as something may.
    boolean usedUp(Destination destination) {
        RateLimit limit = limit(destination);
        if (limit == null || limit.until <= state.tick()) {
            return false;
        }
        limit.waiting.add(destination);
        return true;
    }

    /// Whether it may go now; then it is counted.
    boolean take(Item item) {
        RateLimit limit = limit(item.destination);
        if (limit == null) {
            return true;
        }
        if (usedUp(item.destination)) {
            return false;
        }
        Duration wait = limit.window.take(item.recipients(), state.tick());
        if (wait.isZero()) {
            return true;
        }
        limit.until = state.tick() + wait.toMillis();
        limit.waiting.add(item.destination);
        lookAgain(limit);
        tell(limit, item, wait);
        return false;
    }

    /// Once, until the domain has had a time without mail.
    private void tell(RateLimit limit, Item item, Duration wait) {
        if (!limit.told) {
            limit.told = true;
            state.tell(new DeliveryEvent.Waits(state.now(), item.mid(), item.rids(), "recipient rate " + limit.window.rate() + " reached", state.now().plus(wait), List.of()));
        }
    }

    /// @return null where there is no rate
    private @Nullable RateLimit limit(Destination destination) {
        Optional<RecipientRate> rate = state.policy(destination).recipientRate();
        if (rate.isEmpty()) {
            return null;
        }
        RateLimit limit = limits.get(destination.key.domain());
        if (limit == null) {
            limit = new RateLimit(destination.key.domain(), new RateWindow(rate.get()));
            limits.put(limit.domain, limit);
            lookAgain(limit);
        } else if (!limit.window.rate().equals(rate.get())) {
            limit.window = limit.window.under(rate.get(), state.tick());
            limit.until = Long.MIN_VALUE;
        }
        return limit;
    }

    private void lookAgain(RateLimit limit) {
        long wait = limit.until - state.tick();
        limit.unlink();
        looks.add(limit, limit.until == Long.MIN_VALUE || wait <= 0 || wait > LOOK.toMillis() ? LOOK : Duration.ofMillis(wait));
    }

    private void look(RateLimit limit) {
        Optional<RecipientRate> rate = state.settings().destinations().match(limit.domain).recipientRate();
        boolean done = rate.isEmpty() || limit.waiting.isEmpty() && limit.window.isEmpty(state.tick());
        if (done) {
            limits.remove(limit.domain);
        } else {
            lookAgain(limit);
        }
        if (limit.until <= state.tick() || !rate.equals(Optional.of(limit.window.rate()))) {
            List<Destination> waiting = List.copyOf(limit.waiting);
            limit.waiting.clear();
            waiting.forEach(pump);
        }
    }
}
