package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.mailrelay.core.delivery.DeliveryStatusNotification;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.OutcomeRules;
import org.mailrelay.core.delivery.RetrySchedule;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.connection.OutboundConnection;
import org.mailrelay.delivery.connection.SpoolBody;
import org.mailrelay.delivery.connection.TransactionSource;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StateChange;

/// Delivers what is in the queue. Any thread may call it; one lock guards all that waits and nothing blocks under it.
public final class DeliveryEngine {

    private static final Duration FIRST_HOLD = Duration.ofSeconds(60);
    private static final Duration LONGEST_HOLD = Duration.ofHours(1);

    /// @param random used from several threads at once
    public record Parts(Spool spool, Supplier<Settings> settings, HostFinder finder, AddressRules addresses, Connector connector, HandshakeMemory memory,
            EventSink events, InstantSource clock, EngineTimer timer, RandomGenerator random) {}

    /// What is under way and what waits.
    public record Gauges(int messages, int destinations, int connections) {}

    private final Parts parts;
    private final Planner planner;
    private final BounceWriter bounces;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();
    private final Map<DestinationKey, Destination> destinations = new LinkedHashMap<>();
    private final Map<Mid, List<Item>> messages = new HashMap<>();
    private final Set<Destination> starved = new LinkedHashSet<>();
    private final Set<Domain> suspendedDomains = new HashSet<>();
    private boolean suspended;
    private boolean stopping;
    private int connections;
    private int settling;

    public DeliveryEngine(Parts parts) {
        this.parts = parts;
        this.planner = new Planner(parts.finder(), parts.addresses(), parts.memory(), parts.random());
        this.bounces = new BounceWriter(parts.spool(), parts.events());
    }

    /// Takes up what the spool recovered. Reads from disk: not on an event loop.
    public void start() throws IOException {
        for (Mid mid : parts.spool().messages().sorted().toList()) {
            parts.spool().load(mid).ifPresent(this::queued);
        }
    }

    /// A message is in the queue now.
    public void queued(QueuedMessage message) {
        locked(() -> {
            Settings settings = parts.settings().get();
            Map<DestinationKey, List<Integer>> groups = new LinkedHashMap<>();
            for (int rid = 0; rid < message.states().size(); rid++) {
                if (!message.states().get(rid).isFinal()) {
                    groups.computeIfAbsent(DestinationKey.of(message.envelope().recipients().get(rid).domain(), message.envelope().sender(),
                            message.origin().tlsFloor(), settings.routes()), _ -> new ArrayList<>()).add(rid);
                }
            }
            List<Item> items = messages.computeIfAbsent(message.mid(), _ -> new ArrayList<>());
            groups.forEach((key, rids) -> {
                int most = settings.destinations().match(key.domain()).recipientsPerMessage();
                for (int from = 0; from < rids.size(); from += most) {
                    add(message, key, rids.subList(from, Math.min(rids.size(), from + most)), items);
                }
            });
        });
    }

    private void add(QueuedMessage message, DestinationKey key, List<Integer> rids, List<Item> items) {
        Destination destination = destinations.computeIfAbsent(key, Destination::new);
        int attempts = 0;
        Instant due = now();
        if (message.states().get(rids.getFirst()) instanceof RecipientState.Waiting(int made, Instant next, _) && made > 0) {
            attempts = made;
            due = next;
        }
        Item item = new Item(message, destination, rids, attempts, due);
        items.add(item);
        if (due.isAfter(now())) {
            defer(item, due);
        } else {
            ready(item);
        }
    }

    public void retry(Predicate<QueueEntry> which) {
        locked(() -> items(which).forEach(item -> {
            item.destination.heldUntil = Instant.MIN;
            if (item.phase == Item.Phase.DEFERRED) {
                ready(item);
            }
            unhold(item.destination);
        }));
    }

    /// Takes recipients out of the queue; what is being delivered is left alone.
    public int delete(Predicate<QueueEntry> which) {
        int[] count = {0};
        locked(() -> items(which).stream().filter(item -> item.phase != Item.Phase.UNDER_WAY).forEach(item -> {
            count[0] += item.rids.size();
            List<Integer> rids = List.copyOf(item.rids);
            take(item);
            settle(item, rids, new RecipientState.Deleted(), () -> rids.forEach(rid -> tell(new MessageEvent.Deleted(now(), item.message.mid(), rid))), true);
        }));
        return count[0];
    }

    public void suspend() {
        locked(() -> {
            suspended = true;
            destinations.values().forEach(d -> List.copyOf(d.live).forEach(OutboundConnection::finish));
        });
    }

    public void resume() {
        locked(() -> {
            suspended = false;
            List.copyOf(destinations.values()).forEach(this::pump);
        });
    }

    public void suspend(Domain domain) {
        locked(() -> {
            suspendedDomains.add(domain);
            tell(new DeliveryEvent.Suspended(now(), domain.name()));
            destinations.values().stream().filter(d -> d.key.domain().equals(domain)).forEach(d -> List.copyOf(d.live).forEach(OutboundConnection::finish));
        });
    }

    public void resume(Domain domain) {
        locked(() -> {
            suspendedDomains.remove(domain);
            List.copyOf(destinations.values()).forEach(this::pump);
        });
    }

    public List<QueueEntry> snapshot() {
        lock.lock();
        try {
            return messages.values().stream().flatMap(List::stream).map(DeliveryEngine::entry).toList();
        } finally {
            lock.unlock();
        }
    }

    public Gauges gauges() {
        lock.lock();
        try {
            return new Gauges(messages.size(), destinations.size(), connections);
        } finally {
            lock.unlock();
        }
    }

    /// Lets what is under way end.
    ///
    /// @return false when some of it had not ended after `grace`
    public boolean stop(Duration grace) throws InterruptedException {
        lock.lock();
        try {
            stopping = true;
            destinations.values().forEach(d -> List.copyOf(d.live).forEach(OutboundConnection::finish));
            long left = grace.toNanos();
            while ((connections > 0 || settling > 0) && left > 0) {
                left = quiet.awaitNanos(left);
            }
            return connections == 0 && settling == 0;
        } finally {
            lock.unlock();
            parts.timer().close();
        }
    }

    private static QueueEntry entry(Item item) {
        Outcome.Reason reason = item.reason != null ? item.reason : item.destination.failure;
        Instant next = item.phase == Item.Phase.READY && item.destination.state == Destination.State.HELD ? item.destination.heldUntil : item.due;
        return new QueueEntry(item.message.mid(), item.message.envelope().sender(), item.destination.key.domain(), item.rids,
                item.rids.stream().map(item.message.envelope().recipients()::get).toList(), item.received(), item.message.content().trueSize(), item.attempts, next,
                reason == null ? "" : reason.text(), item.phase == Item.Phase.UNDER_WAY);
    }

    private List<Item> items(Predicate<QueueEntry> which) {
        return messages.values().stream().flatMap(List::stream).filter(item -> item.phase != Item.Phase.GONE && which.test(entry(item))).toList();
    }

    private void ready(Item item) {
        item.phase = Item.Phase.READY;
        item.destination.ready.add(item);
        pump(item.destination);
    }

    /// Out of every queue, so that no connection takes it.
    private void take(Item item) {
        item.destination.ready.remove(item);
        item.phase = Item.Phase.UNDER_WAY;
    }

    private void defer(Item item, Instant due) {
        item.phase = Item.Phase.DEFERRED;
        item.due = due;
        parts.timer().after(Duration.between(now(), due), () -> locked(() -> {
            if (item.phase == Item.Phase.DEFERRED && !item.due.isAfter(now())) {
                ready(item);
            }
        }));
    }

    /// Sees that somebody comes for what is ready.
    private void pump(Destination destination) {
        if (destination.ready.isEmpty() || stopping || suspended || suspendedDomains.contains(destination.key.domain())) {
            return;
        }
        switch (destination.state) {
            case IDLE -> plan(destination);
            case PLANNING, HELD -> { }
            case OPEN -> connect(destination);
        }
    }

    private void connect(Destination destination) {
        int waking = 0;
        for (OutboundConnection idle : destination.idle) {
            if (waking++ >= destination.ready.size()) {
                return;
            }
            idle.wake();
        }
        int most = destination.proven ? policy(destination).connections() : 1;
        while (destination.connections() < most && destination.opening + waking < destination.ready.size()) {
            if (connections >= parts.settings().get().relay().delivery().connections()) {
                starved.add(destination);
                return;
            }
            open(destination);
        }
    }

    private void open(Destination destination) {
        destination.opening++;
        connections++;
        ConnectionPlan plan = destination.hosts.get(destination.host);
        parts.connector().open(plan, parts.spool().takeDcid(), new Source(destination, destination.host));
    }

    private void plan(Destination destination) {
        destination.state = Destination.State.PLANNING;
        Settings settings = parts.settings().get();
        Thread.ofVirtual().name("plan " + destination.key.domain()).start(() -> {
            Planner.Plan plan = planner.plan(destination.key, settings);
            locked(() -> planned(destination, plan));
        });
    }

    private void planned(Destination destination, Planner.Plan plan) {
        destination.tried.clear();
        switch (plan) {
            case Planner.Plan.Hosts(var hosts) -> {
                destination.hosts = hosts;
                destination.host = 0;
                destination.proven = false;
                destination.onlyTls = true;
                destination.state = Destination.State.OPEN;
                pump(destination);
            }
            case Planner.Plan.Hold(var reason, boolean tls) -> {
                destination.failure = reason;
                destination.onlyTls = tls;
                hold(destination);
            }
            case Planner.Plan.Bounce(var reason) -> {
                destination.state = Destination.State.IDLE;
                drain(destination).forEach(item -> fail(item, item.rids, reason, new Dcid(0)));
            }
            case Planner.Plan.Discard(String position) -> {
                destination.state = Destination.State.IDLE;
                drain(destination).forEach(item -> {
                    List<Integer> rids = List.copyOf(item.rids);
                    settle(item, rids, new RecipientState.Delivered(), () -> tell(new DeliveryEvent.Discarded(now(), item.message.mid(), rids, position)), true);
                });
            }
        }
    }

    private static List<Item> drain(Destination destination) {
        List<Item> all = List.copyOf(destination.ready);
        destination.ready.clear();
        all.forEach(item -> item.phase = Item.Phase.UNDER_WAY);
        return all;
    }

    /// No host would have the mail: the destination waits, its messages lose no attempt.
    private void hold(Destination destination) {
        Outcome.Reason why = java.util.Objects.requireNonNull(destination.failure);
        Instant now = now();
        Duration most = policy(destination).bounceProfile().maxTimeInQueue();
        boolean failFast = policy(destination).failFast() && destination.onlyTls && why.status().subject() == 7;
        destination.state = Destination.State.HELD;
        destination.holds++;
        Instant until = now.plus(RetrySchedule.wait(FIRST_HOLD, LONGEST_HOLD, destination.holds, parts.random()));
        for (Item item : List.copyOf(destination.ready)) {
            Instant end = item.received().plus(most);
            if (failFast || !end.isAfter(now)) {
                take(item);
                EnhancedCode code = new EnhancedCode(5, 7, why.status().detail());
                fail(item, item.rids, failFast ? new Outcome.Reason(code, code.words(), 0, why.texts()) : ExpiryRules.expired(why), new Dcid(0));
            } else if (end.isBefore(until)) {
                until = end;
            }
        }
        destination.heldUntil = until;
        destination.ready.forEach(item -> announce(item, why));
        Instant wake = until;
        parts.timer().after(Duration.between(now, wake), () -> locked(() -> {
            if (!destination.heldUntil.isAfter(now())) {
                unhold(destination);
            }
        }));
    }

    private void unhold(Destination destination) {
        if (destination.state == Destination.State.HELD) {
            destination.state = Destination.State.IDLE;
            pump(destination);
        }
    }

    private void announce(Item item, Outcome.Reason why) {
        if (item.announced.equals(why.text())) {
            return;
        }
        Destination destination = item.destination;
        if (item.announced.isEmpty()) {
            Dcid last = destination.tried.isEmpty() ? new Dcid(0) : destination.tried.getLast().dcid();
            item.rids.forEach(rid -> tell(new DeliveryEvent.Delayed(now(), verdict(item, rid, why, last))));
        }
        item.announced = why.text();
        tell(new DeliveryEvent.Waits(now(), item.message.mid(), item.rids, why.text(), destination.heldUntil, destination.tried));
    }

    private static DeliveryEvent.Verdict verdict(Item item, int rid, Outcome.Reason why, Dcid dcid) {
        return new DeliveryEvent.Verdict(dcid, item.message.mid(), item.message.envelope().sender(), item.message.envelope().recipients().get(rid), rid,
                why.status(), why.words(), why.code(), why.texts());
    }

    private void defer(Item item, List<Integer> rids, Outcome.Reason why, Dcid dcid) {
        DestinationPolicy policy = policy(item.destination);
        switch (RetrySchedule.next(policy.bounceProfile(), Math.max(1, item.attempts), item.received(), now(), parts.random())) {
            case RetrySchedule.Next.GiveUp _ -> fail(item, rids, ExpiryRules.expired(why), dcid);
            case RetrySchedule.Next.At(Instant next) -> {
                item.reason = why;
                List<Integer> still = List.copyOf(rids);
                parts.spool().releaseMemory(item.message.mid());
                change(item, still, new RecipientState.Waiting(item.attempts, next, why.text()), () -> {
                    still.forEach(rid -> tell(new DeliveryEvent.Delayed(now(), verdict(item, rid, why, dcid))));
                    tell(new DeliveryEvent.Pending(now(), item.message.mid(), still, next, policy.bounceProfile().name()));
                    defer(item, next);
                });
            }
        }
    }

    private void fail(Item item, List<Integer> given, Outcome.Reason why, Dcid dcid) {
        List<Integer> rids = List.copyOf(given);
        List<DeliveryStatusNotification.Failed> failed = rids.stream()
                .map(rid -> new DeliveryStatusNotification.Failed(item.message.envelope().recipients().get(rid), why)).toList();
        if (item.message.envelope().sender().isNull()) {
            settle(item, rids, new RecipientState.Bounced(), () -> rids.forEach(rid -> {
                tell(new DeliveryEvent.Bounced(now(), verdict(item, rid, why, dcid)));
                tell(new DeliveryEvent.DoubleBounced(now(), verdict(item, rid, why, dcid)));
            }), true);
            return;
        }
        settling++;
        Settings settings = parts.settings().get();
        BounceWriter writer = bounces;
        rids.forEach(rid -> tell(new DeliveryEvent.Bounced(now(), verdict(item, rid, why, dcid))));
        Thread.ofVirtual().name("bounce of MID " + item.message.mid()).start(() -> writer.write(item.message, failed, settings.relay().hostname(),
                policy(item.destination).bounceProfile().original(), now(), stored -> locked(() -> {
                    settling--;
                    stored.ifPresentOrElse(report -> {
                        settle(item, rids, new RecipientState.Bounced(), () -> { }, true);
                        queued(report);
                    }, () -> defer(item, now().plus(FIRST_HOLD)));
                })));
    }

    /// Final for these recipients.
    private void settle(Item item, List<Integer> rids, RecipientState state, Runnable tell, boolean ends) {
        change(item, rids, state, () -> {
            tell.run();
            item.rids.removeAll(rids);
            if (item.rids.isEmpty()) {
                gone(item, ends);
            }
        });
    }

    private void gone(Item item, boolean done) {
        item.phase = Item.Phase.GONE;
        List<Item> left = messages.get(item.message.mid());
        if (left != null && left.remove(item) && left.isEmpty()) {
            messages.remove(item.message.mid());
            tell(new MessageEvent.Finished(now(), item.message.mid(), done));
        }
        Destination destination = item.destination;
        if (destination.connections() == 0 && destination.ready.isEmpty() && destination.state == Destination.State.IDLE) {
            destinations.remove(destination.key, destination);
        }
    }

    private void change(Item item, List<Integer> rids, RecipientState state, Runnable durable) {
        settling++;
        parts.spool().change(rids.stream().map(rid -> new StateChange(item.message.mid(), rid, state)).toList(), () -> locked(() -> {
            durable.run();
            settling--;
            quiet.signalAll();
        }));
    }

    private DestinationPolicy policy(Destination destination) {
        return parts.settings().get().destinations().match(destination.key.domain());
    }

    private Instant now() {
        return parts.clock().instant();
    }

    private void tell(org.mailrelay.core.event.MailEvent event) {
        parts.events().on(event);
    }

    private void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    /// One connection's view of its destination.
    private final class Source implements TransactionSource {
        private final Destination destination;
        private final int host;
        private boolean counted = true;
        private final Map<Transaction, Item> underWay = new IdentityHashMap<>(2);

        Source(Destination destination, int host) {
            this.destination = destination;
            this.host = host;
        }

        @Override
        public void ready(OutboundConnection connection) {
            locked(() -> {
                landed();
                destination.live.add(connection);
                destination.proven = true;
                destination.holds = 0;
                destination.failure = null;
                pump(destination);
            });
        }

        private void landed() {
            if (counted) {
                counted = false;
                destination.opening--;
            }
        }

        @Override
        public Optional<Transaction> next(OutboundConnection connection) {
            lock.lock();
            try {
                destination.idle.remove(connection);
                Optional<Transaction> next = poll();
                if (next.isEmpty()) {
                    destination.idle.add(connection);
                }
                return next;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Optional<Transaction> following(OutboundConnection connection) {
            lock.lock();
            try {
                return poll();
            } finally {
                lock.unlock();
            }
        }

        private Optional<Transaction> poll() {
            while (!stopping && !suspended && !suspendedDomains.contains(destination.key.domain())) {
                Item item = destination.ready.poll();
                if (item == null) {
                    break;
                }
                item.phase = Item.Phase.UNDER_WAY;
                Optional<Transaction> transaction = transaction(item);
                if (transaction.isPresent()) {
                    underWay.put(transaction.get(), item);
                    return transaction;
                }
            }
            return Optional.empty();
        }

        private Optional<Transaction> transaction(Item item) {
            QueuedMessage message = item.message;
            try {
                Optional<BodySource> body = parts.spool().body(message.mid());
                if (body.isEmpty()) {
                    gone(item, false);
                    return Optional.empty();
                }
                return Optional.of(new Transaction(message.mid(), message.envelope().sender(),
                        item.rids.stream().map(rid -> new Transaction.Addressee(rid, message.envelope().recipients().get(rid))).toList(),
                        message.content().trueSize(), message.content().eightBit(), new SpoolBody(message.prologue(), body.get())));
            } catch (IOException unreadable) {
                item.attempts++;
                defer(item, item.rids, Outcome.Reason.noReply(new EnhancedCode(4, 3, 0), "the spool cannot be read: " + unreadable.getMessage()), connectionless());
                return Optional.empty();
            }
        }

        private Dcid connectionless() {
            return new Dcid(0);
        }

        @Override
        public void settled(OutboundConnection connection, Transaction transaction, TransactionResult result) {
            locked(() -> {
                Item item = Objects.requireNonNull(underWay.remove(transaction));
                item.attempts++;
                Map<Outcome, List<Integer>> groups = new LinkedHashMap<>();
                for (int i = 0; i < transaction.recipients().size(); i++) {
                    RecipientResult each = result.recipients().get(i);
                    groups.computeIfAbsent(OutcomeRules.decide(Facts.of(each), parts.settings().get().relay().delivery().afterLostReply()), _ -> new ArrayList<>())
                            .add(transaction.recipients().get(i).rid());
                }
                boolean first = true;
                for (Map.Entry<Outcome, List<Integer>> group : groups.entrySet()) {
                    Item part = first ? item : split(item, group.getValue());
                    first = false;
                    part.rids = new ArrayList<>(group.getValue());
                    apply(connection, part, group.getKey());
                }
            });
        }

        /// Recipients that fared differently go their own ways from here.
        private Item split(Item item, List<Integer> rids) {
            Item part = new Item(item.message, destination, rids, item.attempts, item.due);
            part.phase = Item.Phase.UNDER_WAY;
            part.hostsTried = item.hostsTried;
            messages.computeIfAbsent(item.message.mid(), _ -> new ArrayList<>()).add(part);
            return part;
        }

        private void apply(OutboundConnection connection, Item item, Outcome outcome) {
            List<Integer> rids = List.copyOf(item.rids);
            switch (outcome) {
                case Outcome.Delivered(String response) -> settle(item, rids, new RecipientState.Delivered(), () -> {
                    ConnectionPlan plan = connection.plan();
                    DeliveryEvent.Connection on = new DeliveryEvent.Connection(connection.dcid(), destination.key.domain(), policy(destination).entry(), plan.hostName(),
                            EventLog.text(connection.local()), EventLog.text(plan.key().peer()), plan.key().peer().getPort());
                    tell(new DeliveryEvent.Delivered(now(), on, item.message.mid(), rids, item.message.content().trueSize(), Duration.between(item.received(), now())));
                    tell(new DeliveryEvent.Answered(now(), item.message.mid(), rids, response));
                }, true);
                case Outcome.Fail(var why) -> fail(item, rids, why, connection.dcid());
                case Outcome.Defer(var why) -> defer(item, rids, why, connection.dcid());
                case Outcome.TryNextHost(var why) -> {
                    if (++item.hostsTried < destination.hosts.size() && host + 1 < destination.hosts.size()) {
                        destination.host = Math.max(destination.host, host + 1);
                        destination.proven = false;
                        item.phase = Item.Phase.READY;
                        destination.ready.addFirst(item);
                    } else {
                        item.hostsTried = 0;
                        defer(item, rids, why, connection.dcid());
                    }
                }
            }
        }

        @Override
        public void failed(OutboundConnection connection, HostFailure why) {
            locked(() -> {
                landed();
                destination.tried.add(new DeliveryEvent.Waits.Tried(connection.plan().hostName(), connection.dcid()));
                boolean tls = why instanceof HostFailure.AgainstPolicy;
                if (why instanceof HostFailure.AgainstPolicy(_, _, boolean remember) && remember) {
                    parts.memory().failed(connection.plan().hostName());
                }
                if (tls || destination.failure == null || destination.failure.status().subject() != 7) {
                    destination.failure = Facts.of(why);
                }
                destination.onlyTls &= tls;
                if (destination.state == Destination.State.OPEN && destination.live.isEmpty()) {
                    if (host + 1 < destination.hosts.size()) {
                        destination.host = Math.max(destination.host, host + 1);
                    } else if (destination.opening == 0) {
                        hold(destination);
                    }
                }
            });
        }

        @Override
        public void closed(OutboundConnection connection) {
            locked(() -> {
                landed();
                connections--;
                destination.live.remove(connection);
                destination.idle.remove(connection);
                if (destination.state == Destination.State.OPEN && destination.connections() == 0 && destination.proven) {
                    destination.state = Destination.State.IDLE;
                }
                pump(destination);
                List<Destination> waiting = List.copyOf(starved);
                starved.clear();
                waiting.forEach(DeliveryEngine.this::pump);
                quiet.signalAll();
            });
        }
    }
}
