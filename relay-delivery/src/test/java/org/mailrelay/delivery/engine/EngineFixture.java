package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.settings.SourceSettings;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.delivery.connection.ConnectionLog;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.path.OwnPath;
import org.mailrelay.delivery.path.Probes;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.net.dns.HostsFile;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.Publications;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.Injection;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.time.ManualClock;

/// The engine on a real spool and real sockets, a clock that the test moves, and all events in their order.
final class EngineFixture implements AutoCloseable {

    final ManualClock clock = new ManualClock(Instant.now());
    final FakeDns dns = FakeDns.start();
    private final List<MailEvent> events = new ArrayList<>();
    private volatile Consumer<MailEvent> told = _ -> { };
    private final EventLoops loops = EventLoops.open(1);
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
    private final Path folder;
    private long mostOctets;
    private volatile Optional<RecipientRate> rate = Optional.empty();
    private volatile DestinationPolicy.IpPreference ip = DestinationPolicy.IpPreference.V4_PREFERRED;
    private volatile Settings settings;
    /// Signs reports from now on.
    volatile MailSigning signing = MailSigning.NONE;
    private Spool spool;
    /// Looking up hosts throws.
    volatile boolean faulty;
    /// What DANE and MTA-STS say from now on.
    volatile Publications published = Publications.NONE;
    volatile OwnPathTerms pathTerms = OwnPathTerms.OFF;
    OwnPath path;
    HandshakeMemory memory = new HandshakeMemory(Duration.ofHours(1), clock);
    Probes probes;
    DeliveryEngine engine;

    /// @param hosts all mail goes here, in this order of preference
    EngineFixture(Path folder, List<FakeMx> hosts, Terms terms) throws IOException {
        this(folder, hosts, terms, 1L << 30);
    }

    /// @param mostOctets of the spool
    EngineFixture(Path folder, List<FakeMx> hosts, Terms terms, long mostOctets) throws IOException {
        this.folder = folder;
        this.mostOctets = mostOctets;
        this.settings = settings(hosts, terms);
        this.spool = Spool.open(settings.relay().spool(), _ -> { });
        this.engine = engine();
    }

    /// What tests vary.
    record Terms(TlsLevel tls, int connections, int perAddress, int messagesPerConnection, BounceProfile bounces, boolean discard, int overall) {
        static final Terms PLAIN = new Terms(TlsLevel.NONE, 5, 0, 50, BounceProfile.DEFAULT, false, 100);

        Terms tls(TlsLevel level) {
            return new Terms(level, connections, perAddress, messagesPerConnection, bounces, discard, overall);
        }

        Terms connections(int most) {
            return new Terms(tls, most, perAddress, messagesPerConnection, bounces, discard, overall);
        }

        Terms perAddress(int most) {
            return new Terms(tls, connections, most, messagesPerConnection, bounces, discard, overall);
        }

        Terms messagesPerConnection(int most) {
            return new Terms(tls, connections, perAddress, most, bounces, discard, overall);
        }

        Terms bounces(BounceProfile profile) {
            return new Terms(tls, connections, perAddress, messagesPerConnection, profile, discard, overall);
        }

        Terms overall(int most) {
            return new Terms(tls, connections, perAddress, messagesPerConnection, bounces, discard, most);
        }

        Terms discarding() {
            return new Terms(tls, connections, perAddress, messagesPerConnection, bounces, true, overall);
        }
    }

    private Settings settings(List<FakeMx> hosts, Terms terms) {
        RelaySettings relay = new RelaySettings(folder, Domain.of("relay.example.net"), false, Duration.ofSeconds(1), List.of(),
                new RelaySettings.Spool(folder.resolve("spool"), mostOctets, 1 << 20),
                new RelaySettings.Delivery(25, terms.overall(), Set.of(), RelaySettings.AfterLostReply.RETRY, RelaySettings.Timeouts.DEFAULT, RelaySettings.TlsProvider.AUTO),
                new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2)),
                new RelaySettings.Log(folder, false, false, RelaySettings.LogLevel.INFO, false, 1, Duration.ofDays(1), 1),
                new RelaySettings.Metrics(dns.address(), 1), new RelaySettings.Admin(folder.resolve("s")));
        DestinationPolicy policy = new DestinationPolicy("default", new TlsRule(terms.tls(), "conf/destinations.yaml:1", "default"), "TLSv1.2", List.of(), Trust.SYSTEM,
                false, false, EhloReading.STRICT, false, false, false, ip, terms.connections(),
                terms.perAddress() == 0 ? OptionalInt.empty() : OptionalInt.of(terms.perAddress()), terms.messagesPerConnection(), 50, rate, terms.bounces(), TlsTerms.PLAIN);
        List<RouteEntry.Host> route = new ArrayList<>();
        for (FakeMx host : hosts) {
            route.add(new RouteEntry.Host(new RouteEntry.Name.Literal("127.0.0.1"), host.address().getPort(), route.size(), false, false, Optional.empty(), Optional.empty()));
        }
        RouteEntry.Target target = terms.discard() ? new RouteEntry.Target.Discard() : new RouteEntry.Target.Hosts(route);
        return new Settings(relay, new DestinationSettings(policy, DomainTable.empty()),
                new RouteSettings(DomainTable.empty(), DomainTable.empty(), Optional.of(new RouteEntry("ALL", "conf/routes.yaml:7", target))), List.of());
    }

    private DeliveryEngine engine() {
        HostFinder finder = new HostFinder(new MailResolver(settings.relay().dns(), clock, (_, _, _, _) -> { }), HostsFile.none(), new Random(1), (host, terms) -> {
            if (faulty) {
                throw new IllegalStateException("a bug of the test's");
            }
            return published.of(host, terms);
        });
        ClientTls tls = new ClientTls(TlsProvider.AUTO);
        PeerChecks checks = new PeerChecks(clock);
        path = new OwnPath(folder.resolve("hosts-met"), () -> pathTerms, this::on, clock, () -> this.engine.pathChanged());
        Connector connector = new Connector(new Connector.Surroundings(loops, tls, checks, new EventLog(this::on, () -> settings), clock, readers).watchedBy(path));
        memory = new HandshakeMemory(Duration.ofHours(1), clock);
        probes = new Probes(new Probes.Parts(new Connector(new Connector.Surroundings(loops, tls, checks, ConnectionLog.NONE, clock, readers).watchedBy(path)), memory, path,
                () -> spool.takeDcid(), _ -> "default", this::on, clock));
        EngineTimer timer = new EngineTimer() {
            @Override
            public void after(Duration delay, Runnable action) {
                clock.after(delay, action);
            }

            @Override
            public long passedMillis() {
                return clock.passedMillis();
            }

            @Override
            public void close() {
                // the test's clock outlives the engine
            }
        };
        return new DeliveryEngine(new DeliveryEngine.Parts(spool, () -> settings, finder, new AddressRules(Set.of(), Set.of()), connector,
                memory, this::on, clock, timer, new Random(2), message -> signing.begin(message)));
    }

    /// Stops it, opens the spool anew and takes up what is there.
    void restart() throws Exception {
        engine.stop(Duration.ofSeconds(10));
        path.close();
        spool.close();
        spool = Spool.open(settings.relay().spool(), _ -> { });
        engine = engine();
        engine.start();
    }

    /// The same, with a spool of another size.
    void restart(List<FakeMx> hosts, Terms terms, long octets) throws Exception {
        mostOctets = octets;
        reload(hosts, terms);
        restart();
    }

    void reload(List<FakeMx> hosts, Terms terms) {
        settings = settings(hosts, terms);
    }

    /// The same with another rate of recipients, for every domain.
    void rate(Optional<RecipientRate> next, List<FakeMx> hosts, Terms terms) {
        rate = next;
        reload(hosts, terms);
    }

    /// All mail goes to a host of this name, whose addresses DNS knows.
    void named(String host, int port, DestinationPolicy.IpPreference preference) {
        named(host, port, preference, Terms.PLAIN);
    }

    void named(String host, int port, DestinationPolicy.IpPreference preference, Terms terms) {
        ip = preference;
        reload(List.of(), terms);
        RouteEntry.Target target = new RouteEntry.Target.Hosts(List.of(new RouteEntry.Host(new RouteEntry.Name.Named(Domain.of(host)), port, 0, false, false, Optional.empty(),
                Optional.empty())));
        settings = new Settings(settings.relay(), settings.destinations(), new RouteSettings(DomainTable.empty(), DomainTable.empty(),
                Optional.of(new RouteEntry("ALL", "conf/routes.yaml:7", target))), settings.senderGroups(), settings.sources(), settings.authSources());
    }

    /// These domains go to hosts of their own, from now on.
    void route(Map<String, FakeMx> ways) {
        Map<Domain, RouteEntry> exact = new HashMap<>();
        ways.forEach((domain, host) -> exact.put(Domain.of(domain), new RouteEntry(domain, "conf/routes.yaml:9", new RouteEntry.Target.Hosts(List.of(
                new RouteEntry.Host(new RouteEntry.Name.Literal(host.address().getAddress().getHostAddress()), host.address().getPort(), 0, false, false, Optional.empty(), Optional.empty()))))));
        settings = new Settings(settings.relay(), settings.destinations(), new RouteSettings(DomainTable.empty(), new DomainTable<>(exact, Map.of()), settings.routes().all()),
                settings.senderGroups(), settings.sources(), settings.authSources());
    }

    /// Virtual gateways, from now on.
    void sources(SourceSettings sources) {
        settings = new Settings(settings.relay(), settings.destinations(), settings.routes(), settings.senderGroups(), sources, settings.authSources());
    }

    Spool spool() {
        return spool;
    }

    /// Stores a message as the listener does and tells the engine.
    Mid send(String sender, String... recipients) throws Exception {
        return sendContent("Subject: x\r\n\r\nhello\r\n", sender, recipients);
    }

    Mid sendContent(String content, String sender, String... recipients) throws Exception {
        return send(Envelope.of(ReversePath.of(sender), List.of(recipients).stream().map(Mailbox::of).toList(), BodyType.SEVEN_BIT), content);
    }

    /// @param content in wire form
    Mid send(Envelope envelope, String content) throws Exception {
        return queued(store(envelope, content));
    }

    /// Many messages of one recipient each, in one go.
    List<Mid> sendAll(int count, IntFunction<String> recipient) throws Exception {
        List<CompletableFuture<QueuedMessage>> stored = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stored.add(store(Envelope.of(ReversePath.of("a@example.org"), List.of(Mailbox.of(recipient.apply(i)))), "Subject: x\r\n\r\nhello\r\n"));
        }
        List<Mid> sent = new ArrayList<>();
        for (CompletableFuture<QueuedMessage> each : stored) {
            sent.add(queued(each));
        }
        return sent;
    }

    /// The engine has it when this returns; told by the spool's thread it would take it up a moment later.
    private Mid queued(CompletableFuture<QueuedMessage> stored) throws Exception {
        QueuedMessage message = stored.get(20, TimeUnit.SECONDS);
        engine.queued(message);
        return message.mid();
    }

    private CompletableFuture<QueuedMessage> store(Envelope envelope, String content) throws IOException {
        Mid mid = spool.takeMid();
        BodyWriter body = spool.newBody(mid);
        body.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1)));
        CompletableFuture<QueuedMessage> stored = new CompletableFuture<>();
        spool.store(new NewMessage(mid, envelope,
                Origin.of(clock.instant(), Injection.of(new Icid(1), "192.0.2.1")),
                new Content(20, 0, content.chars().anyMatch(c -> c > 0x7f), Optional.empty(), Optional.empty()), new byte[0], body.finish()), new StoreCallback() {
                    @Override
                    public void stored(QueuedMessage message) {
                        stored.complete(message);
                    }

                    @Override
                    public void refused(StoreRefusal why) {
                        stored.completeExceptionally(new AssertionError(why));
                    }
                });
        return stored;
    }

    /// Returns once what was under the lock is done: a fact that was told has its consequences, its timers too.
    void settle() {
        engine.gauges();
    }

    /// Moves the clock to just behind the time at which the first of the queue is tried next: a hold that follows ends later.
    void advanceToTheNextTry() {
        List<Instant> next = new ArrayList<>();
        engine.each(new Mid(0), _ -> true, entry -> {
            next.add(entry.next());
            return false;
        });
        clock.advance(Duration.between(clock.instant(), next.getFirst()).plusSeconds(1));
    }

    /// Returns once nothing is being delivered, written or read.
    void settleAll() throws InterruptedException {
        engine.awaitSettled(Duration.ofSeconds(10));
    }

    /// Called with each event, on the teller's thread.
    void onEvent(Consumer<MailEvent> told) {
        this.told = told;
    }

    private synchronized void on(MailEvent event) {
        told.accept(event);
        events.add(event);
        notifyAll();
    }

    /// The first event of the kind that `which` holds for, past or to come.
    <E extends MailEvent> E await(Class<E> kind, Predicate<E> which) throws InterruptedException {
        return await(kind, which, 1).getFirst();
    }

    synchronized <E extends MailEvent> List<E> await(Class<E> kind, Predicate<E> which, int count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        List<E> found = new ArrayList<>();
        int looked = 0;
        while (true) {
            for (; looked < events.size(); looked++) {
                if (kind.isInstance(events.get(looked)) && which.test(kind.cast(events.get(looked)))) {
                    found.add(kind.cast(events.get(looked)));
                }
            }
            if (found.size() >= count) {
                return found;
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError(count + " " + kind.getSimpleName() + " expected, " + found.size() + " came; the last events: "
                        + events.subList(Math.max(0, events.size() - 100), events.size()));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /// Returns once the message is delivered or waits.
    void awaitEitherOf(Mid mid) throws InterruptedException {
        await(MailEvent.class, e -> e instanceof DeliveryEvent.Delivered done && done.mid().equals(mid) || e instanceof DeliveryEvent.Waits waits && waits.mid().equals(mid));
    }

    /// Returns once there are so many of the one kind or so many of the other.
    synchronized void awaitEither(Class<? extends MailEvent> one, int ofOne, Class<? extends MailEvent> other, int ofOther) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (events(one).size() < ofOne && events(other).size() < ofOther) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("neither came; all events: " + events);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    synchronized List<MailEvent> all() {
        return List.copyOf(events);
    }

    synchronized <E extends MailEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public void close() throws Exception {
        engine.stop(Duration.ofSeconds(1));   // hosts that never answer are among the tests
        spool.close();
        loops.close();
        readers.close();
        dns.close();
    }
}
