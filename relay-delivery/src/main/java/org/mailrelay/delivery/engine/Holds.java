package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailrelay.core.delivery.ConcurrencyWindow;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.queue.QueuedMessage;

/// Destinations that no host would serve. They wait as one: their messages lose no attempt, only time, and a try costs the same for one message and for a
/// hundred thousand. All under the lock, but for what is read to tell of them.
final class Holds {

    static final Duration FIRST = Duration.ofSeconds(60);
    static final Duration LONGEST = Duration.ofHours(1);
    /// A message that goes on waiting for the same reason says so again after this.
    private static final Duration REPEAT = Duration.ofHours(4);
    /// Messages that are told of at a time under the lock.
    private static final int SLICE = 64;

    private final EngineState state;
    private final Settlement settlement;
    private final DueTimes<Destination> wakes;

    /// @param wake called, under the lock, when a held destination may be tried again
    Holds(EngineState state, Settlement settlement, Consumer<Destination> wake) {
        this.state = state;
        this.settlement = settlement;
        this.wakes = new DueTimes<>(state, wake);
    }

    /// Holds it from now on, by its own schedule.
    ///
    /// @param atLeast until its hosts may be tried again, where they have a schedule of their own
    void hold(Destination destination, Optional<Duration> atLeast) {
        Outcome.Reason why = Objects.requireNonNull(destination.failure);
        Instant now = state.now();
        state.become(destination, Destination.State.HELD);
        destination.holds++;
        destination.window = ConcurrencyWindow.START;   // back from a hold it is approached like a new one: no burst
        Duration wait = atLeast.orElseGet(() -> RetrySchedule.wait(FIRST, LONGEST, destination.holds, state.parts.random()));
        destination.heldUntil = expire(destination, why, now, now.plus(wait));
        destination.unlink();
        wakes.add(destination, Duration.between(now, destination.heldUntil));
        if (destination.unannounced || !destination.announced.equals(why.text()) || !now.isBefore(destination.announcedAt.plus(REPEAT))) {
            announceAll(destination, why);
        }
    }

    /// Not before the next one in the queue has waited long enough: a walk over all only when one has.
    ///
    /// @return `until`, or the end of some message's time where that is earlier
    private Instant expire(Destination destination, Outcome.Reason why, Instant now, Instant until) {
        Duration most = state.policy(destination).bounceProfile().maxTimeInQueue();
        boolean failFast = state.policy(destination).failFast() && destination.onlyTls && why.status().subject() == 7;
        boolean requireTls = destination.key.need() == MessageNeed.REQUIRE_TLS && destination.onlyTls && why.status().subject() == 7;
        if (destination.ready.isEmpty() || !failFast && !requireTls && Instant.ofEpochMilli(destination.oldest).plus(most).isAfter(until)) {
            return until;
        }
        destination.oldest = Long.MAX_VALUE;
        for (Item item : destination.ready.all()) {
            if (requireTls || failFast || !Instant.ofEpochMilli(item.counted).plus(most).isAfter(now)) {
                item.unlink();
                state.become(item, Item.Phase.UNDER_WAY);
                if (requireTls) {
                    settlement.fail(item, ExpiryRules.requireTlsUnmet(why.texts()), new Dcid(0));
                } else if (failFast) {
                    settlement.fail(item, atOnce(why), new Dcid(0));
                } else {
                    settlement.expire(item, item.all(why), new Dcid(0));
                }
            } else {
                destination.oldest = Math.min(destination.oldest, item.counted);
            }
        }
        Instant end = destination.oldest == Long.MAX_VALUE ? until : Instant.ofEpochMilli(destination.oldest).plus(most);
        return end.isBefore(until) ? end : until;
    }

    private static Outcome.Reason atOnce(Outcome.Reason why) {
        EnhancedCode code = new EnhancedCode(5, 7, why.status().detail());
        return new Outcome.Reason(code, code.words(), 0, why.texts());
    }

    /// An item has come to a destination that is held.
    void joined(Item item) {
        Destination destination = item.destination;
        Outcome.Reason why = Objects.requireNonNull(destination.failure);
        QueuedMessage message = item.message;
        if (message == null) {
            destination.unheard.add(item);
            begin(destination);
        } else {
            announce(item, Optional.of(message), why);
        }
        state.drop(item);
    }

    private void announceAll(Destination destination, Outcome.Reason why) {
        destination.announced = why.text();
        destination.announcedAt = state.now();
        destination.unannounced = false;
        destination.unheard = destination.ready.all();
        begin(destination);
    }

    private void begin(Destination destination) {
        if (!destination.announcing && !destination.unheard.isEmpty()) {
            destination.announcing = true;
            List<Item> items = destination.unheard;
            destination.unheard = new ArrayList<>();
            state.background("hold " + destination.key.domain(), () -> announce(destination, items));
        }
    }

    /// Reads what there is to be said of them; not under the lock.
    private void announce(Destination destination, List<Item> items) {
        for (int from = 0; from < items.size() && !state.reading(() -> state.stopping); from += SLICE) {
            List<Item> slice = items.subList(from, Math.min(items.size(), from + SLICE));
            List<Item> unheard = state.reading(() -> slice.stream().filter(item -> waitsIn(item, destination) && item.announced == null).toList());
            List<Optional<QueuedMessage>> read = unheard.stream().map(this::read).toList();
            state.locked(() -> {
                for (int i = 0; i < unheard.size(); i++) {
                    tell(unheard.get(i), destination, read.get(i));
                }
                slice.stream().filter(item -> item.announced != null).forEach(item -> tell(item, destination, Optional.empty()));
                // One that was tried meanwhile is told of at the next hold.
                destination.unannounced |= slice.stream().anyMatch(item -> item.announced == null && item.phase == Item.Phase.READY);
            });
        }
        state.locked(() -> {
            destination.announcing = false;
            if (!state.stopping && destination.state == Destination.State.HELD) {
                begin(destination);
            }
        });
    }

    private static boolean waitsIn(Item item, Destination destination) {
        return item.phase == Item.Phase.READY && item.destination == destination && destination.state == Destination.State.HELD;
    }

    private Optional<QueuedMessage> read(Item item) {
        try {
            return state.parts.spool().load(item.mid());
        } catch (IOException unreadable) {
            return Optional.empty();   // the spool has said so; the waits line needs nothing of it
        }
    }

    private void tell(Item item, Destination destination, Optional<QueuedMessage> message) {
        if (waitsIn(item, destination) && destination.failure != null) {
            announce(item, message, destination.failure);
            state.drop(item);
        }
    }

    /// A line at the first hold, when the reason changes, and every 4 h; not one a try.
    private void announce(Item item, Optional<QueuedMessage> message, Outcome.Reason why) {
        Instant now = state.now();
        int minute = (int) (now.toEpochMilli() / 60_000);
        boolean first = item.announced == null;
        if (!first && why.text().equals(item.announced) && minute < item.announcedAt + REPEAT.toMinutes()) {
            return;
        }
        Destination destination = item.destination;
        message.ifPresent(of -> settlement.watch(item, of));
        if (first) {
            Dcid last = destination.tried.isEmpty() ? new Dcid(0) : destination.tried.getLast().dcid();
            String entry = state.policy(destination).entry();
            message.ifPresent(of -> item.rids().forEach(rid -> state.tell(new DeliveryEvent.Delayed(now, item.verdict(of, rid, why, last, entry)))));
        }
        item.announced = why.text().equals(destination.announced) ? destination.announced : why.text();
        item.announcedAt = minute;
        state.tell(new DeliveryEvent.Waits(now, item.mid(), item.rids(), why.text(), destination.heldUntil, destination.tried));
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
