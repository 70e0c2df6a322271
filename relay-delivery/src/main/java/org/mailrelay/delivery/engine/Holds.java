package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.EnhancedCode;

/// Destinations that no host would serve. They wait as one: their messages lose no attempt, only time. All under the lock.
final class Holds {

    private static final Duration FIRST = Duration.ofSeconds(60);
    private static final Duration LONGEST = Duration.ofHours(1);
    /// A message that goes on waiting for the same reason says so again after this.
    private static final Duration REPEAT = Duration.ofHours(4);

    private final EngineState state;
    private final Settlement settlement;

    Holds(EngineState state, Settlement settlement) {
        this.state = state;
        this.settlement = settlement;
    }

    /// Holds it from now on, by its own schedule.
    ///
    /// @param wake called, under the lock, when it may be tried again
    void hold(Destination destination, Runnable wake) {
        Outcome.Reason why = Objects.requireNonNull(destination.failure);
        Instant now = state.now();
        destination.state = Destination.State.HELD;
        destination.holds++;
        destination.heldUntil = expire(destination, why, now, now.plus(RetrySchedule.wait(FIRST, LONGEST, destination.holds, state.parts.random())));
        state.parts.timer().after(Duration.between(now, destination.heldUntil), () -> state.locked(() -> {
            if (destination.state == Destination.State.HELD && !destination.heldUntil.isAfter(state.now())) {
                wake.run();
            }
        }));
        destination.ready.forEach(item -> announce(item, why));
    }

    /// Fails what has waited long enough.
    ///
    /// @return `until`, or the end of some message's time where that is earlier
    private Instant expire(Destination destination, Outcome.Reason why, Instant now, Instant until) {
        Duration most = state.policy(destination).bounceProfile().maxTimeInQueue();
        boolean failFast = state.policy(destination).failFast() && destination.onlyTls && why.status().subject() == 7;
        boolean requireTls = destination.key.need() == MessageNeed.REQUIRE_TLS && destination.onlyTls && why.status().subject() == 7;
        Instant next = until;
        for (Item item : List.copyOf(destination.ready)) {
            Instant end = item.received().plus(most);
            if (requireTls || failFast || !end.isAfter(now)) {
                destination.ready.remove(item);
                item.phase = Item.Phase.UNDER_WAY;
                if (requireTls) {
                    settlement.fail(item, ExpiryRules.requireTlsUnmet(why.texts()), new Dcid(0));
                } else if (failFast) {
                    settlement.fail(item, atOnce(why), new Dcid(0));
                } else {
                    settlement.expire(item, item.all(why), new Dcid(0));
                }
            } else if (end.isBefore(next)) {
                next = end;
            }
        }
        return next;
    }

    private static Outcome.Reason atOnce(Outcome.Reason why) {
        EnhancedCode code = new EnhancedCode(5, 7, why.status().detail());
        return new Outcome.Reason(code, code.words(), 0, why.texts());
    }

    /// A line at the first hold, when the reason changes, and every 4 h; not one a try.
    void announce(Item item, Outcome.Reason why) {
        Instant now = state.now();
        boolean first = item.announced.isEmpty();
        if (!first && item.announced.equals(why.text()) && now.isBefore(item.announcedAt.plus(REPEAT))) {
            return;
        }
        Destination destination = item.destination;
        if (first) {
            Dcid last = destination.tried.isEmpty() ? new Dcid(0) : destination.tried.getLast().dcid();
            item.rids.forEach(rid -> state.tell(new DeliveryEvent.Delayed(now, item.verdict(rid, why, last))));
        }
        item.announced = why.text();
        item.announcedAt = now;
        settlement.watch(item);
        state.tell(new DeliveryEvent.Waits(now, item.message.mid(), item.rids, why.text(), destination.heldUntil, destination.tried));
    }
}
