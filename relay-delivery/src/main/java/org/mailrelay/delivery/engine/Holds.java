package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailrelay.core.delivery.ConcurrencyWindow;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.event.DeliveryEvent;

/// Destinations that no host would serve. They wait as one: their messages lose no attempt, only time, and a try costs the same for one message and for a
/// million. All under the lock.
final class Holds {

    static final Duration FIRST = Duration.ofSeconds(60);
    static final Duration LONGEST = Duration.ofHours(1);
    /// Where mail ends all the time, its destination is looked at this often at most.
    private static final Duration BETWEEN_ENDS = Duration.ofSeconds(10);

    private final EngineState state;
    private final HeldMail mail;
    private final DueTimes<Destination> wakes;

    /// @param wake called, under the lock, when a held destination may be tried again
    Holds(EngineState state, Settlement settlement, Consumer<Destination> wake) {
        this.state = state;
        this.mail = new HeldMail(state, settlement, this::wakeForTheFirstToEnd);
        this.wakes = new DueTimes<>(state, wake);
    }

    /// Holds it from now on, by its own schedule.
    ///
    /// @param atLeast until its hosts may be tried again, where they have a schedule of their own
    void hold(Destination destination, Optional<Duration> atLeast) {
        Outcome.Reason why = Objects.requireNonNull(destination.failure);
        Instant now = state.counted();
        state.become(destination, Destination.State.HELD);
        destination.holds++;
        destination.window = ConcurrencyWindow.START;   // back from a hold it is approached like a new one: no burst
        wake(destination, now.plus(atLeast.orElseGet(() -> RetrySchedule.wait(FIRST, LONGEST, destination.holds, state.parts.random()))));
        boolean tell = destination.unannounced || !destination.announced.equals(why.text()) || !now.isBefore(destination.announcedAt.plus(HeldMail.REPEAT));
        if (tell) {
            destination.announced = why.text();
            destination.announcedAt = now;
        }
        if (tell || mail.endsAtOnce(destination) || !end(destination).isAfter(now)) {
            mail.begin(destination);
        } else {
            wakeForTheFirstToEnd(destination);
        }
    }

    /// The first of its mail whose time ends is not to wait for the next try.
    private void wakeForTheFirstToEnd(Destination destination) {
        Instant soonest = state.counted().plus(BETWEEN_ENDS);
        Instant end = end(destination).isAfter(soonest) ? end(destination) : soonest;
        if (end.isBefore(destination.heldUntil)) {
            wake(destination, end);
        }
    }

    /// When the oldest of its mail has waited long enough.
    private Instant end(Destination destination) {
        return destination.oldest == Long.MAX_VALUE ? Instant.MAX : Instant.ofEpochMilli(destination.oldest).plus(state.policy(destination).bounceProfile().maxTimeInQueue());
    }

    private void wake(Destination destination, Instant at) {
        destination.heldUntil = at;
        destination.unlink();
        wakes.add(destination, Duration.between(state.counted(), at));
    }

    /// An item has come to a destination that is held.
    void joined(Item item) {
        mail.joined(item);
    }

    /// Of the addresses that all failed before: none was tried now.
    static List<DeliveryEvent.Waits.Tried> tried(List<HostAddress> addresses) {
        List<DeliveryEvent.Waits.Tried> tried = new ArrayList<>();
        for (HostAddress address : addresses) {
            if (address.lastTried != null) {
                tried.add(address.lastTried);
            }
        }
        return tried;
    }
}
