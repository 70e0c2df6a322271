package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.Spool;

/// Delivers what is in the queue. Any thread may call it; nothing here waits for the network or the disk but [#start] and [#stop].
public final class DeliveryEngine {

    /// @param random used from several threads at once
    public record Parts(Spool spool, Supplier<Settings> settings, HostFinder finder, AddressRules addresses, Connector connector, HandshakeMemory memory,
            EventSink events, InstantSource clock, EngineTimer timer, RandomGenerator random) {}

    /// What is under way and what waits.
    public record Gauges(int messages, int destinations, int connections) {}

    /// Recipients by what they wait for.
    ///
    /// @param oldest when the oldest message was received; empty for an empty queue
    public record Recipients(long ready, long waiting, long delivering, Optional<Instant> oldest) {}

    private final EngineState state;
    private final Dispatch dispatch;

    public DeliveryEngine(Parts parts) {
        this.state = new EngineState(parts);
        this.dispatch = new Dispatch(state, new Planner(parts.finder(), parts.addresses(), parts.memory(), parts.random(), parts.clock(), parts.events()));
    }

    /// Takes up what the spool recovered. Reads from disk: not on an event loop.
    public void start() throws IOException {
        for (Mid mid : state.parts.spool().messages().sorted().toList()) {
            state.parts.spool().load(mid).ifPresent(this::queued);
        }
    }

    /// A message is in the queue now.
    public void queued(QueuedMessage message) {
        state.locked(() -> dispatch.queued(message));
    }

    /// Tries these now, whatever they wait for.
    public void retry(Predicate<QueueEntry> which) {
        state.locked(() -> items(which).forEach(item -> {
            item.destination.heldUntil = Instant.MIN;
            if (item.phase == Item.Phase.DEFERRED) {
                dispatch.ready(item);
            }
            dispatch.unhold(item.destination);
        }));
    }

    /// Takes recipients out of the queue; what is being delivered is left alone.
    ///
    /// @return how many recipients
    public int delete(Predicate<QueueEntry> which) {
        return state.reading(() -> {
            int count = 0;
            for (Item item : items(which)) {
                if (item.phase != Item.Phase.UNDER_WAY) {
                    count += item.rids.size();
                    item.destination.ready.remove(item);
                    item.phase = Item.Phase.UNDER_WAY;
                    List<Integer> rids = List.copyOf(item.rids);
                    dispatch.settlement().settle(item, new RecipientState.Deleted(),
                            () -> rids.forEach(rid -> state.tell(new MessageEvent.Deleted(state.now(), item.message.mid(), rid))));
                }
            }
            return count;
        });
    }

    private List<Item> items(Predicate<QueueEntry> which) {
        return state.messages.values().stream().flatMap(List::stream).filter(item -> item.phase != Item.Phase.GONE && which.test(entry(item))).toList();
    }

    /// What is under way ends; nothing new begins until [#resume()].
    public void suspend() {
        state.locked(() -> {
            state.suspended = true;
            state.tell(new SystemEvent.Switched(state.now(), "Delivery", true));
            finishConnections();
        });
    }

    public void resume() {
        state.locked(() -> {
            state.suspended = false;
            state.tell(new SystemEvent.Switched(state.now(), "Delivery", false));
            dispatch.resume();
        });
    }

    public void suspend(Domain domain) {
        state.locked(() -> {
            state.suspendedDomains.add(domain);
            state.tell(new DeliveryEvent.Suspended(state.now(), domain.name()));
            state.destinations.values().stream().filter(d -> d.key.domain().equals(domain)).forEach(d -> List.copyOf(d.live).forEach(OutboundConnection::finish));
        });
    }

    public void resume(Domain domain) {
        state.locked(() -> {
            state.suspendedDomains.remove(domain);
            state.tell(new SystemEvent.Switched(state.now(), "Delivery to " + domain.name(), false));
            dispatch.resume();
        });
    }

    private void finishConnections() {
        state.destinations.values().forEach(destination -> List.copyOf(destination.live).forEach(OutboundConnection::finish));
    }

    public List<QueueEntry> snapshot() {
        return state.reading(() -> state.messages.values().stream().flatMap(List::stream).map(DeliveryEngine::entry).toList());
    }

    public Gauges gauges() {
        return state.reading(() -> new Gauges(state.messages.size(), state.destinations.size(), state.connections));
    }

    /// Counts them: some 10 ms for a million.
    public Recipients recipients() {
        return state.reading(() -> {
            long ready = 0;
            long waiting = 0;
            long delivering = 0;
            Instant oldest = Instant.MAX;
            for (List<Item> items : state.messages.values()) {
                for (Item item : items) {
                    oldest = item.received().isBefore(oldest) ? item.received() : oldest;
                    int count = item.rids.size();
                    switch (item.phase) {
                        case READY -> {
                            boolean held = item.destination.state == Destination.State.HELD;
                            ready += held ? 0 : count;
                            waiting += held ? count : 0;
                        }
                        case DEFERRED -> waiting += count;
                        case UNDER_WAY -> delivering += count;
                        case GONE -> { }
                    }
                }
            }
            return new Recipients(ready, waiting, delivering, state.messages.isEmpty() ? Optional.empty() : Optional.of(oldest));
        });
    }

    /// Lets what is under way end.
    ///
    /// @return false when some of it had not ended after `grace`
    public boolean stop(Duration grace) throws InterruptedException {
        state.locked(() -> {
            state.stopping = true;
            finishConnections();
        });
        try {
            return state.awaitQuiet(grace.toNanos());
        } finally {
            state.parts.timer().close();
        }
    }

    private static QueueEntry entry(Item item) {
        Destination destination = item.destination;
        Outcome.Reason reason = item.reason != null ? item.reason : destination.failure;
        Instant next = item.phase == Item.Phase.READY && destination.state == Destination.State.HELD ? destination.heldUntil : item.due;
        return new QueueEntry(item.message.mid(), item.message.envelope().sender(), destination.key.domain(), item.rids,
                item.rids.stream().map(item.message.envelope()::mailbox).toList(), item.received(), item.message.content().trueSize(), item.attempts, next,
                reason == null ? "" : reason.text(), item.phase == Item.Phase.UNDER_WAY);
    }
}
