package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;

/// Delivers what is in the queue. Any thread may call it; nothing here waits for the network or the disk but [#start] and [#stop].
public final class DeliveryEngine {

    /// @param random  used from several threads at once
    /// @param signing signs reports
    public record Parts(Spool spool, Supplier<Settings> settings, HostFinder finder, AddressRules addresses, Connector connector, HandshakeMemory memory,
            EventSink events, InstantSource clock, EngineTimer timer, RandomGenerator random, MailSigning signing) {

        /// Reports go unsigned.
        public Parts(Spool spool, Supplier<Settings> settings, HostFinder finder, AddressRules addresses, Connector connector, HandshakeMemory memory, EventSink events,
                InstantSource clock, EngineTimer timer, RandomGenerator random) {
            this(spool, settings, finder, addresses, connector, memory, events, clock, timer, random, MailSigning.NONE);
        }
    }

    /// What is under way and what waits.
    ///
    /// @param takingUp what was in the spool at the start is not all here yet
    public record Gauges(int messages, int destinations, int connections, boolean takingUp) {}

    /// Recipients by what they wait for.
    ///
    /// @param oldest when the oldest message was received; empty for an empty queue
    public record Recipients(long ready, long waiting, long delivering, Optional<Instant> oldest) {}

    /// Of the queue.
    public record Count(long messages, long recipients) {}

    /// What an order came to.
    ///
    /// @param recipients that were changed
    /// @param underWay   that were being delivered: if they are not, the order holds for them, too
    public record Done(long recipients, long underWay) {}

    private final EngineState state;
    private final Dispatch dispatch;
    private final QueueWork work;

    public DeliveryEngine(Parts parts) {
        this.state = new EngineState(parts);
        this.dispatch = new Dispatch(state, new Planner(parts.finder(), parts.addresses(), parts.memory(), parts.random(), parts.clock(), parts.events()));
        this.work = new QueueWork(state, dispatch);
        parts.spool().whenGroupTold(() -> state.groupTold(dispatch::together));
    }

    /// Begins to take up what the spool recovered, once, before anything new is [#queued]; returns at once. Lists and orders wait until all of it is here.
    public void start() {
        new TakeUp(state, dispatch).begin();
    }

    /// A message is in the queue now.
    public void queued(QueuedMessage message) {
        state.durable(() -> dispatch.queued(message));
    }

    /// How many of the queue `which` holds for. It is asked without a lock and may read messages; so are those below.
    public Count count(Predicate<QueueEntry> which) {
        return work.count(which);
    }

    /// Hands over each entry that `which` holds for, in order of MID; keeps none.
    public void each(Predicate<QueueEntry> which, Consumer<QueueEntry> consumer) {
        work.each(new Mid(0), which, entry -> {
            consumer.accept(entry);
            return true;
        });
    }

    /// The same from the message behind `after` on, until `goOn` says false.
    public void each(Mid after, Predicate<QueueEntry> which, Predicate<QueueEntry> goOn) {
        work.each(after, which, goOn);
    }

    /// What waits of one message.
    public List<QueueEntry> of(Mid mid) {
        return work.of(mid);
    }

    /// Recipients in the queue, by domain.
    public Map<Domain, Long> recipientsByDomain() {
        state.awaitTakenUp();
        return state.reading(() -> {
            Map<Domain, Long> all = new HashMap<>();
            state.destinations.values().stream().filter(destination -> destination.recipients > 0)
                    .forEach(destination -> all.merge(destination.key.domain(), destination.recipients, Long::sum));
            return all;
        });
    }

    /// Does it to all that `which` holds for, and returns once that is durable. Deliveries go on meanwhile; what is being delivered is left alone, and the
    /// order obeyed afterwards where its outcome leaves recipients waiting.
    public Done act(Predicate<QueueEntry> which, Order order) throws InterruptedException {
        return work.act(which, order);
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

    /// Our own network is trusted again, or mail has waited for it as long as it may: what waited for it is tried, in turns.
    public void pathChanged() {
        state.locked(dispatch::pathChanged);
    }

    public void suspend(Domain domain) {
        state.locked(() -> {
            state.suspendedDomains.add(domain);
            state.tell(new DeliveryEvent.Suspended(state.now(), domain.name()));
            state.destinations.values().stream().filter(d -> d.key.domain().equals(domain)).forEach(DeliveryEngine::finish);
        });
    }

    public void resume(Domain domain) {
        state.locked(() -> {
            state.suspendedDomains.remove(domain);
            state.tell(new SystemEvent.Switched(state.now(), "Delivery to " + domain.name(), false));
            dispatch.resume();
        });
    }

    /// What an operator has suspended and not resumed.
    ///
    /// @param all     every destination
    /// @param domains in their order
    public record Suspensions(boolean all, List<Domain> domains) {}

    public Suspensions suspensions() {
        AtomicReference<Suspensions> found = new AtomicReference<>(new Suspensions(false, List.of()));
        state.locked(() -> found.set(new Suspensions(state.suspended, state.suspendedDomains.stream().sorted().toList())));
        return found.get();
    }

    private void finishConnections() {
        state.destinations.values().forEach(DeliveryEngine::finish);
    }

    private static void finish(Destination destination) {
        List.copyOf(destination.sources).forEach(ConnectionSource::finish);
    }

    /// All of it. For a long queue [#each] is kinder to the memory.
    public List<QueueEntry> snapshot() {
        List<QueueEntry> all = new ArrayList<>();
        each(_ -> true, all::add);
        return all;
    }

    public Gauges gauges() {
        return state.reading(() -> new Gauges(state.messages.size(), state.destinations.size(), dispatch.slots().open(), state.takingUp));
    }

    /// Looks at all of the queue, in parts, for the oldest: some 10 ms for a million.
    public Recipients recipients() {
        Instant oldest = work.oldest();
        return state.reading(() -> new Recipients(state.recipients(Item.Phase.READY) - state.readyAndHeld(),
                state.recipients(Item.Phase.DEFERRED) + state.recipients(Item.Phase.KEPT) + state.readyAndHeld(), state.recipients(Item.Phase.UNDER_WAY),
                oldest.equals(Instant.MAX) ? Optional.empty() : Optional.of(oldest)));
    }

    /// Waits until no recipient is under way and nothing is being written or read.
    boolean awaitSettled(Duration most) throws InterruptedException {
        return state.awaitQuiet(() -> (int) state.recipients(Item.Phase.UNDER_WAY), most.toNanos());
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
            return state.awaitQuiet(dispatch.slots()::open, grace.toNanos());
        } finally {
            state.parts.timer().close();
        }
    }
}
