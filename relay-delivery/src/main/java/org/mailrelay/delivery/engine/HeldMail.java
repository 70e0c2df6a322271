package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.queue.QueuedMessage;

/// Goes through the mail of held destinations: ends what has waited too long, and has each message say once why it waits. A destination may hold a million: one
/// thread sees to some of one destination at a time, reads them without the lock, and pauses, so that live mail hardly feels it. All else is under the lock.
final class HeldMail {

    /// A message that goes on waiting for the same reason says so again after this.
    static final Duration REPEAT = Duration.ofHours(4);
    /// Looked at at a time under the lock.
    private static final int LOOK = 512;
    /// Read, or told of, at a time.
    private static final int SLICE = 64;
    /// After each slice: some 10,000 messages a second are told of at most, which leaves live mail the processors and the log its breath.
    private static final long PAUSE_NANOS = EngineState.BREATH_NANOS;

    private final EngineState state;
    private final Settlement settlement;
    private final Consumer<Destination> seen;
    private final ArrayDeque<Destination> turns = new ArrayDeque<>();
    private boolean running;

    /// @param seen told, under the lock, when all of a held destination has been seen
    HeldMail(EngineState state, Settlement settlement, Consumer<Destination> seen) {
        this.state = state;
        this.settlement = settlement;
        this.seen = seen;
    }

    /// Begins at the first of its queue; anew where a walk is under way.
    void begin(Destination destination) {
        destination.ready.walk();
        destination.oldestSeen = Long.MAX_VALUE;
        destination.unannounced = false;
        takeTurn(destination);
    }

    /// An item has come to a destination that is held.
    void joined(Item item) {
        QueuedMessage message = item.message;
        if (message != null) {
            tell(item, Optional.of(message), Objects.requireNonNull(item.destination.failure));
            state.drop(item);
        }
        takeTurn(item.destination);
    }

    private void takeTurn(Destination destination) {
        if (!destination.walking) {
            destination.walking = true;
            turns.add(destination);
        }
        if (!running) {
            running = true;
            state.settling++;
            start();
        }
    }

    private void start() {
        Thread.ofVirtual().name("held-mail").start(this::run);
    }

    private void run() {
        for (Destination destination = state.reading(this::next); destination != null; destination = state.reading(this::next)) {
            try {
                see(destination);
            } catch (RuntimeException bug) {
                start();   // ends this thread, and the walk of no other destination
                throw bug;
            }
        }
    }

    private @Nullable Destination next() {
        Destination next = state.stopping ? null : turns.poll();
        if (next == null) {
            running = false;
            state.settling--;
            state.signal();
        }
        return next;
    }

    /// @param read what is to be read before it is seen to
    /// @param told how many needed no reading
    private record Looked(List<Item> read, int told) {}

    /// Some of one destination; not under the lock.
    private void see(Destination destination) {
        Looked looked = state.reading(() -> look(destination));
        List<Optional<QueuedMessage>> messages = looked.read().stream().map(this::read).toList();
        state.locked(() -> {
            for (int i = 0; i < messages.size(); i++) {
                see(destination, looked.read().get(i), messages.get(i));
            }
        });
        boolean busy = state.reading(state::isBusy);
        LockSupport.parkNanos(busy ? PAUSE_NANOS : PAUSE_NANOS * (looked.read().size() + looked.told()) / SLICE);
    }

    private Looked look(Destination destination) {
        List<Item> read = new ArrayList<>(SLICE);
        if (destination.state != Destination.State.HELD || destination.failure == null) {
            destination.walking = false;
            destination.unannounced |= destination.ready.walkPending();   // the next hold begins anew
            return new Looked(read, 0);
        }
        long over = over(destination);
        int told = 0;
        for (int i = 0; i < LOOK && read.size() + told < SLICE && !state.isBusy(); i++) {
            Item item = destination.ready.step();
            if (item == null) {
                break;
            }
            if (item.begins() <= over || item.said == null) {
                read.add(item);
            } else {
                told += tell(item, Optional.empty(), destination.failure) ? 1 : 0;
            }
            destination.oldestSeen = Math.min(destination.oldestSeen, item.begins() <= over ? Long.MAX_VALUE : item.begins());
        }
        if (destination.ready.walkPending() || !read.isEmpty()) {
            turns.add(destination);
        } else {
            destination.walking = false;
            destination.oldest = destination.oldestSeen;
            seen.accept(destination);
        }
        return new Looked(read, told);
    }

    /// Mail whose time began then or before has no time left.
    private long over(Destination destination) {
        return endsAtOnce(destination) ? Long.MAX_VALUE : state.counted().minus(state.policy(destination).bounceProfile().maxTimeInQueue()).toEpochMilli();
    }

    /// Where policy or the message's sender would rather have it back than have it wait for TLS.
    boolean endsAtOnce(Destination destination) {
        boolean ofTls = destination.onlyTls && destination.failure != null && destination.failure.status().subject() == 7;
        return ofTls && (state.policy(destination).failFast() || destination.key.need() == MessageNeed.REQUIRE_TLS);
    }

    private Optional<QueuedMessage> read(Item item) {
        try {
            return state.parts.spool().load(item.mid());
        } catch (IOException unreadable) {
            return Optional.empty();   // the spool has said so; the waits line needs nothing of it
        }
    }

    private void see(Destination destination, Item item, Optional<QueuedMessage> message) {
        if (item.phase != Item.Phase.READY || item.destination != destination) {
            return;
        }
        Outcome.Reason why = destination.failure;
        if (destination.state != Destination.State.HELD || why == null) {
            destination.unannounced |= item.said == null;   // its destination was tried meanwhile: it is told of at the next hold
        } else if (item.begins() <= over(destination)) {
            message.ifPresent(of -> state.keep(item, of));
            end(item, why);
        } else {
            tell(item, message, why);
            state.drop(item);
        }
    }

    private void end(Item item, Outcome.Reason why) {
        item.unlink();
        state.become(item, Item.Phase.UNDER_WAY);
        if (!endsAtOnce(item.destination)) {
            settlement.expire(item, item.all(why), new Dcid(0));
        } else if (item.destination.key.need() == MessageNeed.REQUIRE_TLS) {
            settlement.fail(item, unmet(item.destination, why), new Dcid(0));
        } else {
            settlement.fail(item, atOnce(why), new Dcid(0));
        }
    }

    private static Outcome.Reason unmet(Destination destination, Outcome.Reason why) {
        Outcome.Reason end = ExpiryRules.requireTlsUnmet(destination.faults.isEmpty() ? why.texts() : destination.faults);
        return why.demand().map(end::demanded).orElse(end);
    }

    private static Outcome.Reason atOnce(Outcome.Reason why) {
        EnhancedCode code = new EnhancedCode(5, 7, why.status().detail());
        return why.as(code, code.words());
    }

    /// A line at the first hold, when the reason changes, and every 4 h; not one a try.
    ///
    /// @return whether there was one to write
    private boolean tell(Item item, Optional<QueuedMessage> message, Outcome.Reason why) {
        int minute = (int) (state.counted().toEpochMilli() / 60_000);
        Item.Said said = item.said;
        if (said != null && why.text().equals(said.why()) && minute < said.minute() + REPEAT.toMinutes()) {
            return false;
        }
        Instant now = state.now();
        Destination destination = item.destination;
        message.ifPresent(of -> settlement.watch(item, of));
        if (said == null) {
            Dcid last = destination.tried.isEmpty() ? new Dcid(0) : destination.tried.getLast().dcid();
            String entry = state.policy(destination).entry();
            message.ifPresent(of -> item.rids().forEach(rid -> state.tell(new DeliveryEvent.Delayed(now, item.verdict(of, rid, why, last, entry)))));
        }
        item.said = shared(destination, new Item.Said(why.text(), minute));
        state.tell(new DeliveryEvent.Waits(now, item.mid(), item.rids(), why.text(), state.wall(destination.heldUntil), destination.tried, why.demand()));
        return true;
    }

    private static Item.Said shared(Destination destination, Item.Said said) {
        Item.Said last = destination.said;
        if (last == null || !last.equals(said)) {
            destination.said = said;
            return said;
        }
        return last;
    }
}
