package org.mailrelay.listener;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.settings.SourceSettings;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.ReverseLookup;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.testkit.tls.TestCa;

/// A listener on loopback with a real spool behind it.
final class ListenerFixture implements AutoCloseable {

    final List<MailEvent> events = new CopyOnWriteArrayList<>();
    final BlockingQueue<QueuedMessage> queued = new LinkedBlockingQueue<>();
    final Listeners listeners;
    final Spool spool;
    private final EventLoops loops = EventLoops.open(1);
    private final RelaySettings.Listener listener;
    private volatile Settings settings;
    private final InetSocketAddress address;

    /// What a test wants different.
    static final class Wish {
        private final Path folder;
        private MailFlowPolicy policy = relaying();
        private long spoolSize = 1L << 30;
        private SessionLimits limits = SessionLimits.DEFAULT;
        private boolean implicitTls;
        private boolean withoutTls;
        private InetSocketAddress dns = NOTHING;
        private Consumer<MailEvent> watcher = _ -> { };
        private boolean forgetful;
        private List<AddressBlock> proxies = List.of();
        private List<AddressBlock> fronts = List.of();
        private AuthSources users = AuthSources.NONE;
        private List<Path> clientAuthorities = List.of();
        private List<Path> clientRevocations = List.of();
        private List<SenderGroup> before = List.of();
        private MailSigning signing = MailSigning.NONE;

        private Wish(Path folder) {
            this.folder = folder;
        }

        Wish policy(MailFlowPolicy wanted) {
            policy = wanted;
            return this;
        }

        Wish spoolSize(long octets) {
            spoolSize = octets;
            return this;
        }

        Wish limits(SessionLimits wanted) {
            limits = wanted;
            return this;
        }

        Wish implicitTls() {
            implicitTls = true;
            return this;
        }

        Wish withoutTls() {
            withoutTls = true;
            return this;
        }

        Wish dns(InetSocketAddress server) {
            dns = server;
            return this;
        }

        /// Sees every event on the thread that it happens on; what it throws is thrown there.
        Wish watcher(Consumer<MailEvent> each) {
            watcher = each;
            return this;
        }

        /// Loopback is a proxy.
        Wish behindAProxy() {
            proxies = List.of(AddressBlock.parse("127.0.0.1").orElseThrow());
            return this;
        }

        Wish signing(MailSigning by) {
            signing = by;
            return this;
        }

        Wish users(AuthSources sources) {
            users = sources;
            return this;
        }

        /// Who may vouch for clients' certificates.
        Wish clientAuthorities(Path... files) {
            clientAuthorities = List.of(files);
            return this;
        }

        /// What those have revoked.
        Wish clientRevocations(Path... files) {
            clientRevocations = List.of(files);
            return this;
        }

        /// Groups that are asked before the one for loopback.
        Wish groups(SenderGroup... groups) {
            before = List.of(groups);
            return this;
        }

        /// Loopback is a server in front.
        Wish behindAFront() {
            fronts = List.of(AddressBlock.parse("127.0.0.1").orElseThrow());
            return this;
        }

        /// Keeps neither events nor messages, for measuring memory.
        Wish forgetful() {
            forgetful = true;
            return this;
        }

        ListenerFixture open() throws IOException {
            return new ListenerFixture(this);
        }
    }

    /// One key for all: making them takes longer than most tests.
    private static final TestCa.Identity CERTIFICATE = new TestCa(Instant.now()).good("localhost");
    private static final InetSocketAddress NOTHING = new InetSocketAddress("127.0.0.1", 0);

    static Wish in(Path folder) {
        return new Wish(folder);
    }

    ListenerFixture(Path folder, MailFlowPolicy policy) throws IOException {
        this(in(folder).policy(policy));
    }

    private ListenerFixture(Wish wish) throws IOException {
        Path folder = wish.folder;
        TestCa.PemFiles pem = CERTIFICATE.write(folder, "listener");
        Optional<RelaySettings.Certificate> certificate = wish.withoutTls ? Optional.empty() : Optional.of(new RelaySettings.Certificate(pem.chain(), pem.key(), wish.clientAuthorities, wish.clientRevocations));
        listener = new RelaySettings.Listener("test", List.of(NOTHING), certificate, wish.implicitTls, wish.proxies, wish.fronts);
        RelaySettings relay = new RelaySettings(folder, Domain.of("relay.example.net"), false, Duration.ofSeconds(5), List.of(listener),
                new RelaySettings.Spool(folder.resolve("spool"), wish.spoolSize, 1 << 20),
                new RelaySettings.Delivery(25, 10, Set.of(), RelaySettings.AfterLostReply.RETRY, RelaySettings.Timeouts.DEFAULT, RelaySettings.TlsProvider.AUTO),
                new RelaySettings.Dns(List.of(wish.dns), Duration.ofSeconds(1)),
                new RelaySettings.Log(folder, false, false, RelaySettings.LogLevel.INFO, true, 1 << 20, Duration.ofDays(1), 1),
                new RelaySettings.Metrics(NOTHING, 10), new RelaySettings.Admin(folder.resolve("admin")));
        SenderGroup group = new SenderGroup("HERE", List.of(new PeerPattern.Block(AddressBlock.parse("127.0.0.0/8").orElseThrow(), "127.0.0.0/8")), wish.policy, "access.yaml:1");
        settings = new Settings(relay, new DestinationSettings(deliveryPolicy(), DomainTable.empty()),
                RouteSettings.none(), Stream.concat(wish.before.stream(), Stream.of(group)).toList(), SourceSettings.NONE, wish.users);
        spool = Spool.open(relay.spool(), problem -> { });
        ReverseLookup reverse = new ReverseLookup(new MailResolver(relay.dns(), InstantSource.system(), (_, _, _, _) -> { }), Runnable::run, Duration.ofSeconds(1));
        Consumer<MailEvent> watcher = wish.watcher;
        boolean keeps = !wish.forgetful;
        Intake intake = keeps ? queued::add : _ -> { };
        listeners = new Listeners(new ListenerSurroundings(loops, this::settings, spool, intake, event -> {
            if (keeps) {
                events.add(event);
            }
            watcher.accept(event);
        }, InstantSource.system(), reverse, wish.limits, wish.signing));
        address = listeners.apply(List.of(listener), wish.users).getFirst();
    }

    private Settings settings() {
        return settings;
    }

    /// As a reload does: connections from now on are under this policy.
    void reload(MailFlowPolicy policy) throws IOException {
        SenderGroup old = settings.senderGroups().getLast();
        settings = new Settings(settings.relay(), settings.destinations(), settings.routes(), List.of(new SenderGroup(old.name(), old.match(), policy, old.position())),
                settings.sources(), settings.authSources());
        listeners.apply(List.of(listener), settings.authSources());
    }

    InetSocketAddress address() {
        return address;
    }

    private static DestinationPolicy deliveryPolicy() {
        return new DestinationPolicy("default", new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:1", "default"), "TLSv1.2", List.of(), Trust.SYSTEM,
                false, false, EhloReading.STRICT, false, false, false, DestinationPolicy.IpPreference.V4_PREFERRED, 1, OptionalInt.empty(), 1, 50, BounceProfile.DEFAULT);
    }

    static MailFlowPolicy relaying() {
        return MailFlowPolicy.of("relaying", MailFlowPolicy.Access.RELAY);
    }

    /// What comes is kept to the octet, long lines too.
    static MailFlowPolicy relayingAsItComes() {
        return relaying().withHygiene(Hygiene.NONE.withLongLines(Hygiene.LongLines.PASS));
    }

    RelaySettings.Listener listener() {
        return listener;
    }

    Client connect() throws IOException {
        return new Client(address);
    }

    /// Past banner and EHLO.
    Client greeted() throws IOException {
        Client client = connect();
        client.reply();
        client.ask("EHLO client.example.com");
        return client;
    }

    /// Past 354.
    Client inData() throws IOException {
        Client client = greeted();
        client.ask("MAIL FROM:<a@example.com>");
        client.ask("RCPT TO:<b@example.org>");
        client.ask("DATA");
        return client;
    }

    QueuedMessage nextQueued() throws InterruptedException {
        QueuedMessage next = queued.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing was queued; events: " + events);
        }
        return next;
    }

    /// The body as the spool holds it.
    String stored(QueuedMessage message) throws IOException {
        try (BodySource source = spool.body(message.mid()).orElseThrow()) {
            StringBuilder all = new StringBuilder();
            ByteBuffer chunk = ByteBuffer.allocate(8_192);
            while (all.length() < source.length()) {
                source.read(chunk.clear());
                all.append(StandardCharsets.ISO_8859_1.decode(chunk.flip()));
            }
            return all.toString();
        }
    }

    <E extends MailEvent> List<E> seen(Class<E> type) {
        List<E> found = new ArrayList<>();
        events.stream().filter(type::isInstance).map(type::cast).forEach(found::add);
        return found;
    }

    @Override
    public void close() throws IOException {
        listeners.stop();
        loops.close();
        spool.close();
    }
}
