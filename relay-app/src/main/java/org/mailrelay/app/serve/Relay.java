package org.mailrelay.app.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.mailrelay.app.admin.AdminServer;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.delivery.connection.BodyReaders;
import org.mailrelay.delivery.connection.ConnectionLog;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.engine.DeliveryEngine;
import org.mailrelay.delivery.engine.EngineTimer;
import org.mailrelay.delivery.engine.EventLog;
import org.mailrelay.delivery.path.OwnPath;
import org.mailrelay.delivery.path.Probes;
import org.mailrelay.listener.ListenerSurroundings;
import org.mailrelay.listener.Listeners;
import org.mailrelay.net.dkim.DkimSigning;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.net.dns.HostsFile;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.ReverseLookup;
import org.mailrelay.net.dns.TextLookup;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTrust;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.web.WebHosts;
import org.mailrelay.observe.EventStream;
import org.mailrelay.observe.hosts.HostTable;
import org.mailrelay.observe.http.MachineEndpoint;
import org.mailrelay.observe.http.Readiness;
import org.mailrelay.observe.log.LineTail;
import org.mailrelay.observe.log.MailLogWriter;
import org.mailrelay.observe.metrics.CounterHistory;
import org.mailrelay.observe.metrics.Metrics;
import org.mailrelay.observe.metrics.Workload;
import org.mailrelay.observe.session.SessionRecords;
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.observe.syslog.SyslogSender;
import org.mailrelay.observe.track.TrackSearch;
import org.mailrelay.observe.track.Tracking;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.SpoolListener;
import org.mailrelay.queue.SpoolProblem;

/// The relay, running. Opened part by part, closed in the reverse order; when a part cannot be opened those before it are closed again.
public final class Relay implements AutoCloseable {

    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final Duration POST_CONNECT = Duration.ofSeconds(30);
    private static final Duration REVERSE_LOOKUP_LIMIT = Duration.ofSeconds(5);
    private static final Duration HANDSHAKE_FAILURE_LIFE = Duration.ofHours(24);

    /// What is told besides mail_logs and metrics, and where the settings come from.
    ///
    /// @param lines  gets every line of mail_logs as it is written
    /// @param facts  gets every event after them
    /// @param source where a reload reads
    /// @param version as mail_logs and `status` show it
    public record Start(SettingsSource source, MailLogWriter.LineReader lines, EventSink facts, String version) {}

    private final InstantSource clock = InstantSource.system();
    private final Instant started = clock.instant();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final CurrentSettings settings;
    private final EventStream events;
    private final MailLogWriter log;
    private final Metrics metrics;
    private final LineTail tail = new LineTail();
    private final Spool spool;
    private final PolicyDoubts doubts = new PolicyDoubts();
    private final PolicyLookups lookups;
    private final PeerChecks checks;
    private final ClientTls tls;
    private final OwnPath ownPath;
    private final DeliveryEngine engine;
    private final Listeners listeners;
    private final Reloading reloading;
    private final String version;
    private final HostTable hosts = new HostTable();
    private final FailedConversations conversations = new FailedConversations();
    private final CounterHistory counters;
    private final MailResolver resolver;
    private Optional<TrackSearch> track = Optional.empty();
    private Optional<SessionRecords> sessions = Optional.empty();
    private Optional<TlsReporting> tlsReporting = Optional.empty();
    private List<InetSocketAddress> bound = List.of();
    private volatile @Nullable Alerting alerting;
    private volatile boolean ready;

    private Relay(Settings first, Start start) throws IOException {
        version = start.version();
        settings = new CurrentSettings(first);
        RelaySettings relay = first.relay();
        try {
            metrics = opened(new Metrics(relay.metrics().maxDestinations()));
            log = opened(new MailLogWriter(relay.log(), ZoneId.systemDefault(), start.version(), relay.hostname().name(), lines -> {
                tail.lines(lines);
                start.lines().lines(lines);
            }, readers(relay)));
            events = new EventStream(List.of(log, metrics, doubts, start.facts()));
            opened(endpoint(relay.metrics().address()));
            ExecutorService virtualThreads = opened(Executors.newVirtualThreadPerTaskExecutor());
            EventLoops loops = opened(EventLoops.open(Runtime.getRuntime().availableProcessors()));
            spool = opened(Spool.open(relay.spool(), spoolListener()));
            metrics.watch(spool::status);
            DkimSigning signing = opened(new DkimSigning(() -> settings.get().dkim(), clock, this::texts));
            counters = opened(new CounterHistory(relay.spool().directory().resolve("counters"), metrics::totals, clock));
            counters.start();
            resolver = MailResolver.open(relay.dns(), clock, (_, type, result, took) -> metrics.lookedUp(type, result, took));
            checks = new PeerChecks(clock);
            tls = new ClientTls(TlsProvider.of(relay.delivery().tlsProvider()));
            WebHosts web = new WebHosts(resolver, checks, first.destinations().fallback().trust(), addressRules(relay));
            lookups = opened(new PolicyLookups(first, web, resolver, doubts, events, clock));
            ownPath = opened(new OwnPath(relay.spool().directory().resolve("policies/hosts-met"), () -> settings.get().relay().alerts().ownPath(), events, clock, this::pathChanged));
            engine = engine(relay, loops, signing, new HostFinder(resolver, HostsFile.read(Path.of("/etc/hosts")), new Random(), lookups.finder()), checks, virtualThreads);
            events.on(new SystemEvent.Started(clock.instant(), relay.hostname().name(), spool.status().messages()));
            engine.start();
            open.push(this::stopDelivery);
            listeners = new Listeners(new ListenerSurroundings(loops, settings, spool, engine::queued, events, clock,
                    new ReverseLookup(resolver, virtualThreads, REVERSE_LOOKUP_LIMIT)).signing(signing));
            open.push(listeners::stop);
            bound = listeners.apply(relay.listeners(), settings.get().authSources());
            reloading = opened(new Reloading(settings, start.source(), this::applyListeners, events, clock));
            opened(AdminServer.start(relay.admin().socket(), new RelayCommands(this).all()));
            Alerting operators = opened(new Alerting(settings, events, new OwnMail(spool, engine::queued, events, clock, signing),
                    HttpClient.newBuilder().connectTimeout(POST_CONNECT).executor(virtualThreads).build(), clock, ZoneId.systemDefault()));
            operators.start();
            alerting = operators;
            sessions.ifPresent(records -> {
                TlsReporting reporting = opened(new TlsReporting(new TlsReporting.Parts(records, () -> settings.get().relay().tlsReports(), resolver::texts,
                        new OwnMail(spool, engine::queued, events, clock, signing), web,
                        relay.spool().directory().resolve("tracking"), clock, new Random())));
                tlsReporting = Optional.of(reporting);
                reporting.start();
            });
            metrics.watchWork(this::workload);
            ready = true;
        } catch (IOException | RuntimeException failed) {
            closeAll();
            throw failed;
        }
    }

    /// Starts all of it.
    ///
    /// @throws IOException when a part cannot be had: the spool is in use or damaged beyond reading, an address is taken
    public static Relay start(Settings settings, Start start) throws IOException {
        return new Relay(settings, start);
    }

    /// What is kept for later stands beside the queue; the log's thread, closed before it, writes it.
    private List<MailLogWriter.EventReader> readers(RelaySettings relay) throws IOException {
        List<MailLogWriter.EventReader> readers = new ArrayList<>(List.of(hosts, alerts()));
        for (RelaySettings.Syslog server : relay.log().syslog()) {
            SocketFactory sockets = server.transport() == RelaySettings.Syslog.Transport.TLS ? ClientTrust.sockets(server.trust()) : SocketFactory.getDefault();
            readers.add(opened(new SyslogSender(server, relay.hostname().name(), ZoneId.systemDefault(), sockets, MailEvent.Level.values()[relay.log().level().ordinal()],
                    count -> events.on(new SystemEvent.LinesDropped(clock.instant(), "syslog", count)))));
        }
        if (!relay.tracking().on()) {
            return readers;
        }
        LineStore lines = opened(new LineStore(relay.spool().directory().resolve("tracking"), "messages",
                new LineStore.Bounds(relay.tracking().keep(), relay.tracking().maxSize()), clock));
        track = Optional.of(new TrackSearch(lines));
        LineStore facts = opened(new LineStore(relay.spool().directory().resolve("tracking"), "connections",
                new LineStore.Bounds(relay.tracking().keep(), relay.tracking().maxSize()), clock));
        SessionRecords records = new SessionRecords(facts, relay.tlsReports().map(reports -> reports.from().toString()));
        sessions = Optional.of(records);
        readers.addAll(List.of(new Tracking(lines), records));
        return readers;
    }

    /// The log begins before the queue that alerts are mailed through.
    private MailLogWriter.EventReader alerts() {
        return new MailLogWriter.EventReader() {
            @Override
            public void event(MailEvent event, String text) {
                Alerting ready = alerting;
                if (ready != null) {
                    ready.event(event, text);
                }
            }

            @Override
            public void look() {
                // alerts gather nothing
            }
        };
    }

    private MachineEndpoint endpoint(InetSocketAddress address) throws IOException {
        try {
            return new MachineEndpoint(address, metrics::scrape, this::readiness);
        } catch (IOException taken) {
            throw new IOException("metrics.address " + address.getAddress().getHostAddress() + ":" + address.getPort() + " cannot be bound: " + taken.getMessage(), taken);
        }
    }

    /// Signing begins before names can be looked up, and before any mail comes.
    private TextLookup texts(Domain name) {
        return resolver.texts(name);
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    private DeliveryEngine engine(RelaySettings relay, EventLoops loops, MailSigning signing, HostFinder finder, PeerChecks checks, ExecutorService virtualThreads) {
        EventSink sink = events;
        BodyReaders bodies = opened(BodyReaders.open());
        Connector connector = new Connector(new Connector.Surroundings(loops, tls, checks, new EventLog(sink, settings), clock, virtualThreads, bodies, ownPath), Optional.of(conversations));
        HandshakeMemory memory = new HandshakeMemory(HANDSHAKE_FAILURE_LIFE, clock);
        Connector silent = new Connector(new Connector.Surroundings(loops, tls, checks, ConnectionLog.NONE, clock, virtualThreads, bodies, ownPath));
        opened(new Probes(new Probes.Parts(silent, memory, ownPath, spool::takeDcid, plan -> settings.get().destinations().match(plan.destination()).entry(), sink, clock))).start();
        return new DeliveryEngine(new DeliveryEngine.Parts(spool, settings, finder, addressRules(relay), connector,
                memory, sink, clock, EngineTimer.ofSystem(), new Random(), signing));
    }

    /// Told on event loops, which begin with the engine.
    private void pathChanged() {
        engine.pathChanged();
    }

    private static AddressRules addressRules(RelaySettings relay) {
        return new AddressRules(relay.delivery().refuseAddresses(), own(relay));
    }

    /// What we listen on; an MX that leads there is a loop. Port 0 is not known before it is bound, and used in tests only.
    private static Set<InetSocketAddress> own(RelaySettings relay) {
        Set<InetSocketAddress> own = new HashSet<>();
        relay.listeners().forEach(listener -> own.addAll(listener.addresses()));
        return own;
    }

    private SpoolListener spoolListener() {
        return new SpoolListener() {
            @Override
            public void problem(SpoolProblem problem) {
                troubled(problem);
            }

            @Override
            public void synced(long nanos, int operations) {
                metrics.synced(nanos, operations);
            }
        };
    }

    private void troubled(SpoolProblem problem) {
        events.on(new SystemEvent.SpoolTroubled(clock.instant(), problem.severity() == SpoolProblem.Severity.CRITICAL, problem.file(), problem.offset(), problem.detail()));
    }

    private synchronized void applyListeners(Settings next) throws IOException {
        bound = listeners.apply(next.relay().listeners(), next.authSources());
        checks.reload();
        tls.reload();
    }

    private Workload workload() {
        DeliveryEngine.Recipients recipients = engine.recipients();
        Duration oldest = recipients.oldest().map(received -> Duration.between(received, clock.instant())).orElse(Duration.ZERO);
        return new Workload(recipients.ready(), recipients.waiting(), recipients.delivering(), oldest, engine.gauges().connections());
    }

    private Readiness readiness() {
        if (!ready) {
            return Readiness.notReady("the spool is being recovered");
        }
        if (!spool.status().writable()) {
            return Readiness.notReady("the spool cannot be written");
        }
        return listeners.suspended() ? Readiness.notReady("receiving is suspended") : Readiness.READY;
    }

    private void stopDelivery() throws InterruptedException {
        engine.stop(settings.get().relay().shutdownGrace());
    }

    /// Where mail is taken, in the order of the listeners; the port that was taken where port 0 was asked for.
    public synchronized List<InetSocketAddress> addresses() {
        return bound;
    }

    /// Reads the configuration again, as an operator asks for it.
    public void reload() {
        reloading.reload(Reloading.Cause.OPERATOR);
    }

    /// Stops receiving, lets deliveries under way end within the grace time, closes the spool.
    @Override
    public void close() {
        events.on(new SystemEvent.Stopping(clock.instant()));
        closeAll();
    }

    /// What becomes of bugs, for the process that runs the relay.
    public Faults faults() {
        return new Faults(events, clock, () -> {
            lastWords();
            Runtime.getRuntime().halt(Faults.EXIT_STATUS);
        });
    }

    /// Writes what mail_logs have waiting: no more than that, and for no longer than it may take.
    private void lastWords() {
        Thread writing = Thread.ofVirtual().name("last-words").start(() -> {
            try {
                log.close();
            } catch (IOException _) {
                // There is nobody left to tell.
            }
        });
        try {
            writing.join(LAST_WORDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll() {
        ready = false;
        for (AutoCloseable part : open) {
            try {
                part.close();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } catch (Exception | Error failed) {   // whatever became of one part, the spool must be closed in order, and the process must end
                System.Logger log = System.getLogger(Relay.class.getName());
                log.log(System.Logger.Level.WARNING, "a part of the relay did not close: " + failed, failed);
            }
        }
        open.clear();
    }

    String version() {
        return version;
    }

    Duration uptime() {
        return Duration.between(started, clock.instant());
    }

    InstantSource clock() {
        return clock;
    }

    CurrentSettings settings() {
        return settings;
    }

    Metrics metrics() {
        return metrics;
    }

    /// Empty where nothing is kept.
    Optional<SessionRecords> sessions() {
        return sessions;
    }

    Optional<TlsReporting> tlsReporting() {
        return tlsReporting;
    }

    HostTable hosts() {
        return hosts;
    }

    FailedConversations conversations() {
        return conversations;
    }

    CounterHistory counters() {
        return counters;
    }

    MailResolver resolver() {
        return resolver;
    }

    /// Empty where nothing is kept.
    Optional<TrackSearch> track() {
        return track;
    }

    LineTail tail() {
        return tail;
    }

    Spool spool() {
        return spool;
    }

    PolicyLookups lookups() {
        return lookups;
    }

    OwnPath ownPath() {
        return ownPath;
    }

    DeliveryEngine engine() {
        return engine;
    }

    Listeners listeners() {
        return listeners;
    }

    Reloading reloading() {
        return reloading;
    }

    Readiness ready() {
        return readiness();
    }

    EventSink events() {
        return events;
    }
}
