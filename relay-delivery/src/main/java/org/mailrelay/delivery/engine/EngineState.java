package org.mailrelay.delivery.engine;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Settings;

/// All that waits, and the lock over it. Every field but `parts` is read and written under [#locked] only.
final class EngineState {

    final DeliveryEngine.Parts parts;
    final Map<DestinationKey, Destination> destinations = new LinkedHashMap<>();
    final Map<Mid, List<Item>> messages = new HashMap<>();
    /// Those that found all connections taken.
    final Set<Destination> starved = new LinkedHashSet<>();
    final Map<InetSocketAddress, Integer> connectionsByAddress = new HashMap<>();
    final Map<String, Integer> connectionsByGateway = new HashMap<>();
    final Set<Domain> suspendedDomains = new HashSet<>();
    boolean suspended;
    boolean stopping;
    int connections;
    /// Changes on their way to the disk.
    int settling;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();

    EngineState(DeliveryEngine.Parts parts) {
        this.parts = parts;
    }

    void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
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

    /// Something under way has ended.
    void signal() {
        quiet.signalAll();
    }

    /// @return false when connections or changes are left after `nanos`
    boolean awaitQuiet(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while ((connections > 0 || settling > 0) && left > 0) {
                left = quiet.awaitNanos(left);
            }
            return connections == 0 && settling == 0;
        } finally {
            lock.unlock();
        }
    }

    boolean mayDeliver(Destination destination) {
        return !stopping && !suspended && !suspendedDomains.contains(destination.key.domain());
    }

    void enter(Item item) {
        messages.computeIfAbsent(item.message.mid(), _ -> new ArrayList<>(1)).add(item);
        item.destination.items++;
    }

    /// @return true when it was the message's last
    boolean leave(Item item) {
        item.phase = Item.Phase.GONE;
        List<Item> left = messages.get(item.message.mid());
        if (left == null || !left.remove(item)) {
            return false;
        }
        item.destination.items--;
        forgetIfDone(item.destination);
        if (left.isEmpty()) {
            messages.remove(item.message.mid());
            return true;
        }
        return false;
    }

    /// A destination without mail and connections is not kept, but a hold is: mail that comes in the meantime must not run into it.
    void forgetIfDone(Destination destination) {
        boolean resting = destination.state == Destination.State.IDLE || destination.state == Destination.State.OPEN;
        if (destination.items == 0 && destination.connections() == 0 && resting) {
            destinations.remove(destination.key, destination);
            starved.remove(destination);
        }
    }

    Settings settings() {
        return parts.settings().get();
    }

    DestinationPolicy policy(Destination destination) {
        return settings().destinations().match(destination.key.domain()).at(now());
    }

    Instant now() {
        return parts.clock().instant();
    }

    void tell(MailEvent event) {
        parts.events().on(event);
    }
}
