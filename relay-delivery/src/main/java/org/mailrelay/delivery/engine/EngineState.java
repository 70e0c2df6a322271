package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.mailrelay.core.delivery.Lifetime;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.queue.QueuedMessage;

/// All that waits, and the lock over it. Every field but `parts` is read and written under [#locked] only.
final class EngineState {

    /// Recipients whose messages may be kept in memory between acceptance and their first attempt, in all and for one destination: what is beyond is read
    /// again when its turn comes.
    private static final int MOST_FRESH = 32_768;
    private static final int MOST_FRESH_OF_ONE = 8_192;
    /// With so many changes and reports on their way to the disk, what ends mail by the thousand waits.
    private static final int MOST_SETTLING = 1_000;
    /// For so long at a time.
    static final long BREATH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /// Durable changes that are followed up at a time under the lock, some 5 µs each.
    private static final int TOLD_AT_A_TIME = 512;
    private static final long HAND_OVER_NANOS = 50_000;
    /// Threads that read messages from the spool at once.
    private static final int READERS = 4;

    final DeliveryEngine.Parts parts;
    final EngineClock clock;
    final Map<DestinationKey, Destination> destinations = new LinkedHashMap<>();
    final MessageTable messages = new MessageTable();
    final Set<Domain> suspendedDomains = new HashSet<>();
    boolean suspended;
    boolean stopping;
    /// What was in the spool at the start is not all here yet.
    boolean takingUp;
    /// Changes on their way to the disk, and what is being read of it.
    int settling;
    private final Map<Item.Phase, Long> recipients = new EnumMap<>(Item.Phase.class);
    /// Of those that are ready: their destination is held.
    private long readyAndHeld;
    /// The spool's writer thread only.
    private final List<Runnable> told = new ArrayList<>();
    private final Learned learned = new Learned();
    private int fresh;
    private final ThreadPoolExecutor readers = readers();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();

    EngineState(DeliveryEngine.Parts parts) {
        this.parts = parts;
        this.clock = new EngineClock(parts.clock(), parts.timer(), this::tell);
    }

    void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    /// What follows from a durable change. The spool tells of many at once: they take the lock together, when all of them are told.
    void durable(Runnable work) {
        if (parts.spool().telling()) {
            told.add(work);
        } else {
            locked(work);
        }
    }

    /// A group that has waited for a slow disk may be of thousands: then others come in between.
    ///
    /// @param together runs some of them under the lock
    void groupTold(Consumer<List<Runnable>> together) {
        List<Runnable> all = List.copyOf(told);
        told.clear();
        RuntimeException bug = null;
        for (int from = 0; from < all.size(); from += TOLD_AT_A_TIME) {
            List<Runnable> some = all.subList(from, Math.min(all.size(), from + TOLD_AT_A_TIME));
            if (from > 0 && lock.hasQueuedThreads()) {
                LockSupport.parkNanos(HAND_OVER_NANOS);   // whoever lets go of a lock and asks for it at once has it again
            }
            try {
                locked(() -> together.accept(some));
            } catch (RuntimeException one) {
                bug = one;   // the others have their due first
            }
        }
        if (bug != null) {
            throw bug;
        }
    }

    <T> T reading(java.util.function.Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private static ThreadPoolExecutor readers() {
        ThreadPoolExecutor readers = new ThreadPoolExecutor(READERS, READERS, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), Thread.ofPlatform().daemon().factory());
        readers.allowCoreThreadTimeOut(true);
        return readers;
    }

    /// Runs what reads the spool, a few at a time, without the lock; to be called under it. On threads of the system: a virtual one that hangs
    /// in the disk keeps its carrier, and soon nothing is looked up in DNS any more.
    void background(String name, Runnable work) {
        settling++;
        readers.execute(() -> {
            Thread.currentThread().setName(name);
            try {
                work.run();
            } finally {
                locked(() -> {
                    settling--;
                    signal();
                });
            }
        });
    }

    /// So much is on its way to the disk that whoever has a lot more for it should wait.
    boolean isBusy() {
        return settling > MOST_SETTLING && !stopping;
    }

    /// Something under way has ended.
    void signal() {
        quiet.signalAll();
    }

    /// @param open counts connections; under the lock
    /// @return false when connections or changes are left after `nanos`
    boolean awaitQuiet(java.util.function.IntSupplier open, long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while ((open.getAsInt() > 0 || settling > 0) && left > 0) {
                left = quiet.awaitNanos(left);
            }
            return open.getAsInt() == 0 && settling == 0;
        } finally {
            lock.unlock();
        }
    }

    /// Orders and lists are about all of the queue: at a start they wait until all of it is here.
    void awaitTakenUp() {
        locked(() -> {
            while (takingUp) {
                quiet.awaitUninterruptibly();
            }
        });
    }

    boolean mayDeliver(Destination destination) {
        return !stopping && !suspended && !suspendedDomains.contains(destination.key.domain());
    }

    void enter(Item item) {
        messages.add(item);
        item.destination.items++;
        count(item, item.recipients());
    }

    void become(Item item, Item.Phase phase) {
        count(item, -item.recipients());
        item.phase = phase;
        count(item, item.recipients());
    }

    /// Only some of its recipients stay.
    void narrow(Item item, List<Integer> some) {
        QueuedMessage message = item.message;
        drop(item);
        count(item, -item.recipients());
        item.keepOnly(some);
        count(item, item.recipients());
        if (message != null) {
            keep(item, message);
        }
    }

    /// To another destination.
    void move(Item item, Destination to) {
        drop(item);
        item.unlink();
        count(item, -item.recipients());
        Destination from = item.destination;
        from.items--;
        item.destination = to;
        to.items++;
        count(item, item.recipients());
        forgetIfDone(from);
    }

    private void count(Item item, int change) {
        item.destination.recipients += item.phase == Item.Phase.GONE ? 0 : change;
        recipients.merge(item.phase, (long) change, Long::sum);
        if (item.phase == Item.Phase.READY) {
            item.destination.readyRecipients += change;
            readyAndHeld += item.destination.state == Destination.State.HELD ? change : 0;
        }
    }

    void become(Destination destination, Destination.State next) {
        readyAndHeld -= destination.state == Destination.State.HELD ? destination.readyRecipients : 0;
        destination.state = next;
        readyAndHeld += destination.state == Destination.State.HELD ? destination.readyRecipients : 0;
    }

    long recipients(Item.Phase phase) {
        return recipients.getOrDefault(phase, 0L);
    }

    long readyAndHeld() {
        return readyAndHeld;
    }

    /// @return true when it was the message's last
    boolean leave(Item item) {
        if (item.phase == Item.Phase.GONE) {
            return false;
        }
        drop(item);
        item.unlink();
        become(item, Item.Phase.GONE);
        recipients.remove(Item.Phase.GONE);
        item.destination.items--;
        forgetIfDone(item.destination);
        return messages.remove(item);
    }

    /// Keeps the message of an item that has just been accepted, where there is room.
    void keepFresh(Item item, QueuedMessage message) {
        if (fresh + item.recipients() <= MOST_FRESH && item.destination.fresh + item.recipients() <= MOST_FRESH_OF_ONE) {
            keep(item, message);
        }
    }

    void keep(Item item, QueuedMessage message) {
        drop(item);
        item.message = message;
        fresh += item.recipients();
        item.destination.fresh += item.recipients();
    }

    void drop(Item item) {
        if (item.message != null) {
            item.message = null;
            fresh -= item.recipients();
            item.destination.fresh -= item.recipients();
        }
    }

    /// A destination without mail and connections is not kept, but a hold is: mail that comes in the meantime must not run into it.
    void forgetIfDone(Destination destination) {
        boolean resting = destination.state == Destination.State.IDLE || destination.state == Destination.State.OPEN;
        if (destination.items == 0 && destination.connections() == 0 && resting && destination.waitingIn == null) {
            if (destinations.remove(destination.key, destination)) {
                learned.keep(destination, tick());
            }
        }
    }

    Destination destination(DestinationKey key) {
        return destinations.computeIfAbsent(key, fresh -> {
            Destination destination = new Destination(fresh);
            learned.recall(destination, tick());
            return destination;
        });
    }

    Settings settings() {
        return parts.settings().get();
    }

    /// Limits and bounce profile; the TLS terms, which an exception may change with time, are the planner's.
    DestinationPolicy policy(Destination destination) {
        Settings settings = settings();
        if (destination.policyOf != settings) {
            destination.policyOf = settings;
            destination.policy = settings.destinations().match(destination.key.domain());
        }
        return Objects.requireNonNull(destination.policy);
    }

    Instant now() {
        return parts.clock().instant();
    }

    long tick() {
        return clock.tick();
    }

    Instant counted() {
        return clock.counted();
    }

    Instant wall(Instant counted) {
        return clock.wall(counted);
    }

    /// From when to when an item's delivery is tried, in counted time.
    Lifetime lifetime(Item item, QueuedMessage message) {
        Duration jumped = Duration.between(item.received(), message.origin().received());
        Lifetime life = Lifetime.of(policy(item.destination).bounceProfile(), message.origin().received(), message.envelope().parameters());
        return new Lifetime(life.begins().minus(jumped), life.ends().minus(jumped));
    }

    void tell(MailEvent event) {
        parts.events().on(event);
    }
}
