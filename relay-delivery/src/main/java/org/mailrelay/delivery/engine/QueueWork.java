package org.mailrelay.delivery.engine;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Mid;

/// What operators ask of a queue that is at work. It goes through the queue in parts: each is looked at under the lock, judged without it (a filter may read
/// messages), and changed under it again, so that deliveries go on meanwhile. Blocks: not on an event loop.
final class QueueWork {

    /// Messages that are looked at at a time under the lock.
    private static final int LOOK = 256;
    /// Changed at a time under the lock.
    private static final int SLICE = 64;
    /// Changes on their way to the disk at once.
    private static final int MOST_UNDER_WAY = 8_192;

    private final EngineState state;
    private final Dispatch dispatch;

    QueueWork(EngineState state, Dispatch dispatch) {
        this.state = state;
        this.dispatch = dispatch;
    }

    private record Found(Item item, QueueEntry entry) {}

    /// Each entry behind `after` that `which` holds for, in order of MID, in the state it was in when it was looked at, until `goOn` says false.
    void each(Mid after, Predicate<QueueEntry> which, Predicate<QueueEntry> goOn) {
        long[] mids = mids(after);
        for (int from = 0; from < mids.length; from += LOOK) {
            for (Found found : look(mids, from, which)) {
                if (!goOn.test(found.entry())) {
                    return;
                }
            }
        }
    }

    List<QueueEntry> of(Mid mid) {
        state.awaitTakenUp();
        return look(new long[] {mid.value()}, 0, _ -> true).stream().map(Found::entry).toList();
    }

    /// All that is queued now, some a part at a time: eight octets a message, so that a list or an order of a million keeps the lock for moments only.
    private long[] mids(Mid after) {
        state.awaitTakenUp();
        long[][] parts = new long[MessageTable.PARTS][];
        for (int part = 0; part < MessageTable.PARTS; part++) {
            int number = part;
            parts[part] = state.reading(() -> state.messages.part(number).stream().mapToLong(item -> item.mid).toArray());
        }
        return ascending(parts, after.value());
    }

    /// Each once, those behind `after`.
    private static long[] ascending(long[][] parts, long after) {
        long[] all = new long[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int count = 0;
        for (long[] part : parts) {
            System.arraycopy(part, 0, all, count, part.length);
            count += part.length;
        }
        Arrays.sort(all);
        int kept = 0;
        for (long mid : all) {
            if (mid > after && (kept == 0 || all[kept - 1] != mid)) {
                all[kept++] = mid;
            }
        }
        return Arrays.copyOf(all, kept);
    }

    private List<Found> look(long[] mids, int from, Predicate<QueueEntry> which) {
        List<Found> all = new ArrayList<>(LOOK);
        state.locked(() -> {
            for (int i = from; i < Math.min(mids.length, from + LOOK); i++) {
                List<Item> items = state.messages.of(mids[i]);
                items.sort(Comparator.comparingInt(Item::firstRid));
                items.forEach(item -> all.add(new Found(item, entry(item))));
            }
        });
        all.removeIf(found -> !matches(found.entry(), which));
        return all;
    }

    /// What cannot be read matches nothing that is asked of it.
    private static boolean matches(QueueEntry entry, Predicate<QueueEntry> which) {
        try {
            return which.test(entry);
        } catch (UncheckedIOException unreadable) {
            return false;
        }
    }

    DeliveryEngine.Count count(Predicate<QueueEntry> which) {
        Tally tally = new Tally();
        each(new Mid(0), which, tally);
        return new DeliveryEngine.Count(tally.messages, tally.recipients);
    }

    /// Of entries in order of MID.
    private static final class Tally implements Predicate<QueueEntry> {
        private long last = -1;
        private long messages;
        private long recipients;

        @Override
        public boolean test(QueueEntry entry) {
            messages += entry.mid().value() == last ? 0 : 1;
            last = entry.mid().value();
            recipients += entry.rids().size();
            return true;
        }
    }

    /// @return once all of it is durable
    DeliveryEngine.Done act(Predicate<QueueEntry> which, Order order) throws InterruptedException {
        long[] recipients = new long[2];
        Semaphore underWay = new Semaphore(MOST_UNDER_WAY);
        Set<Destination> woken = new HashSet<>();
        long[] mids = mids(new Mid(0));
        for (int look = 0; look < mids.length; look += LOOK) {
            List<Found> chosen = look(mids, look, which);
            for (int from = 0; from < chosen.size(); from += SLICE) {
                List<Found> slice = chosen.subList(from, Math.min(chosen.size(), from + SLICE));
                underWay.acquire(slice.size());
                state.locked(() -> slice.forEach(found -> act(found.item(), order, woken, recipients, underWay::release)));
            }
        }
        underWay.acquire(MOST_UNDER_WAY);
        return new DeliveryEngine.Done(recipients[0], recipients[1]);
    }

    /// What is under way is left alone: the order is obeyed once the outcome is known, if the recipients still wait then.
    ///
    /// @param woken destinations that this order has had tried already: once is enough, however many of its messages it is about
    private void act(Item item, Order order, Set<Destination> woken, long[] recipients, Runnable done) {
        switch (item.phase) {
            case GONE -> done.run();
            case UNDER_WAY -> {
                switch (order) {
                    case Order.Retry _, Order.Release _ -> { }
                    case Order.Hold _, Order.Delete _, Order.Bounce _, Order.Redirect _ -> {
                        item.order(order);
                        recipients[1] += item.recipients();
                    }
                }
                done.run();
            }
            case READY, DEFERRED, KEPT -> {
                if (changes(item, order)) {
                    recipients[0] += item.recipients();
                    item.owing(done);
                    if (order instanceof Order.Retry) {
                        dispatch.directing().retry(item, woken.add(item.destination));
                    } else {
                        dispatch.directing().direct(item, order);
                    }
                } else {
                    done.run();
                }
            }
        }
    }

    private static boolean changes(Item item, Order order) {
        boolean kept = item.phase == Item.Phase.KEPT;
        return switch (order) {
            case Order.Retry _, Order.Hold _ -> !kept;
            case Order.Release _ -> kept;
            case Order.Delete _, Order.Bounce _ -> true;
            case Order.Redirect(Redirection to) -> !item.destination.key.via().equals(java.util.Optional.of(to));
        };
    }

    /// When the oldest message was received; [Instant#MAX] for an empty queue.
    Instant oldest() {
        long[] oldest = {Long.MAX_VALUE};
        for (int part = 0; part < MessageTable.PARTS; part++) {
            int number = part;
            state.locked(() -> state.messages.part(number).forEach(item -> oldest[0] = Math.min(oldest[0], item.received().toEpochMilli())));
        }
        return oldest[0] == Long.MAX_VALUE ? Instant.MAX : state.reading(() -> state.wall(Instant.ofEpochMilli(oldest[0])));
    }

    private QueueEntry entry(Item item) {
        Destination destination = item.destination;
        boolean held = item.phase == Item.Phase.READY && destination.state == Destination.State.HELD;
        Optional<RateLimits.Stop> stop = item.phase == Item.Phase.READY && !held ? dispatch.rates().stop(destination) : Optional.empty();
        QueueEntry.State at = switch (item.phase) {
            case READY -> held || stop.isPresent() ? QueueEntry.State.WAITING : QueueEntry.State.READY;
            case UNDER_WAY, GONE -> QueueEntry.State.DELIVERING;
            case DEFERRED -> QueueEntry.State.WAITING;
            case KEPT -> QueueEntry.State.HELD;
        };
        Instant next = switch (item.phase) {
            case READY -> held ? state.wall(destination.heldUntil) : stop.map(RateLimits.Stop::until).orElse(state.now());
            case DEFERRED -> state.now().plusMillis(item.due * 1000L - state.tick());
            case UNDER_WAY, GONE, KEPT -> state.now();
        };
        Optional<WaitCause> why = held && destination.failure != null
                ? Optional.of(WaitCause.of(destination.failure, destination.tried.stream().map(DeliveryEvent.Waits.Tried::dcid).toList())) : stop.map(limit -> WaitCause.of(limit.reason()));
        return new QueueEntry(state.parts.spool(), item, state.wall(item.received()), next, at, why);
    }
}
