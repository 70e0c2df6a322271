package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.*;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.*;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.net.dns.HostsFile;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.queue.*;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

@Timeout(60)
class DeliveryEngineTest {

    private static final String SEED = "250-STARTTLS\r\n250-mail.domain1.com\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE 30000000\r\n";
    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    Path folder;
    private final LinkedBlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();

    private static Settings settings(Path folder, int port, FakeDns dns, TlsLevel level) {
        RelaySettings relay = new RelaySettings(folder, Domain.of("relay.example.net"), false, Duration.ofSeconds(1), List.of(), new RelaySettings.Spool(folder, 1L << 30, 1 << 20),
                new RelaySettings.Delivery(port, 10, Set.of(), RelaySettings.AfterLostReply.RETRY, RelaySettings.Timeouts.DEFAULT, RelaySettings.TlsProvider.AUTO),
                new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2)),
                new RelaySettings.Log(folder, false, false, RelaySettings.LogLevel.INFO, false, 1, Duration.ofDays(1), 1),
                new RelaySettings.Metrics(dns.address(), 1), new RelaySettings.Admin(folder.resolve("s")));
        DestinationPolicy policy = new DestinationPolicy("default", new TlsRule(level, "conf/destinations.yaml:1", "default"), "TLSv1.2", List.of(), Trust.SYSTEM, false, false,
                EhloReading.STRICT, false, false, false, DestinationPolicy.IpPreference.V4_PREFERRED, 5, OptionalInt.empty(), 50, 50, BounceProfile.DEFAULT);
        return new Settings(relay, new DestinationSettings(policy, DomainTable.empty()), RouteSettings.none(), List.of());
    }

    private MailEvent await(Predicate<MailEvent> which) throws InterruptedException {
        for (MailEvent event = events.poll(20, TimeUnit.SECONDS); event != null; event = events.poll(20, TimeUnit.SECONDS)) {
            if (which.test(event)) {
                return event;
            }
        }
        throw new AssertionError("no such event");
    }

    private void deliver(TlsLevel level, Duration age, Predicate<MailEvent> until) throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("EHLO", new Effect.Say(SEED)))); FakeDns dns = FakeDns.start();
                EventLoops loops = EventLoops.open(1); var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            dns.record("example.com", "MX", "10 mx.example.com.").record("mx.example.com", "A", "127.0.0.1");
            Settings settings = settings(folder, mx.address().getPort(), dns, level);
            try (Spool spool = Spool.open(settings.relay().spool(), _ -> { })) {
                HostFinder finder = new HostFinder(new MailResolver(settings.relay().dns(), CLOCK, (_, _, _, _) -> { }), HostsFile.none(), new Random(1));
                Connector connector = new Connector(new Connector.Surroundings(loops, new ClientTls(TlsProvider.AUTO), new PeerChecks(CLOCK),
                        new EventLog(events::add, () -> settings), CLOCK, readers));
                DeliveryEngine engine = new DeliveryEngine(new DeliveryEngine.Parts(spool, () -> settings, finder, new AddressRules(Set.of(), Set.of()), connector,
                        new HandshakeMemory(Duration.ofHours(1), CLOCK), events::add, CLOCK, EngineTimer.ofSystem(), new Random(2)));
                store(spool, engine, age);
                await(until);
                assertThat(mx.received()).hasSize(level == TlsLevel.PREFERRED ? 1 : 0);
                engine.stop(Duration.ofSeconds(10));
            }
        }
    }

    private static void store(Spool spool, DeliveryEngine engine, Duration age) throws Exception {
        Mid mid = spool.takeMid();
        BodyWriter body = spool.newBody(mid);
        body.write(ByteBuffer.wrap("Subject: x\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)));
        spool.store(new NewMessage(mid, Envelope.of(ReversePath.of("a@example.org"), List.of(Mailbox.of("b@example.com")), BodyType.SEVEN_BIT),
                Origin.of(Instant.now().minus(age), Injection.of(new Icid(1), "192.0.2.1")),
                new Content(20, 0, false, Optional.empty(), Optional.empty()), new byte[0], body.finish()), new StoreCallback() {
                    @Override
                    public void stored(QueuedMessage message) {
                        engine.queued(message);
                    }

                    @Override
                    public void refused(StoreRefusal why) {
                        throw new AssertionError(why);
                    }
                });
    }

    @Test
    void R_EHLO_1_theSeedHostGetsItsMailInTheClearUnderPreferred() throws Exception {
        deliver(TlsLevel.PREFERRED, Duration.ZERO, event -> event instanceof MessageEvent.Finished(_, _, boolean done) && done);
    }

    @Test
    void R_EHLO_1_theSeedHostGetsNothingUnderRequiredAndTheMessageWaits() throws Exception {
        deliver(TlsLevel.REQUIRED, Duration.ZERO, event -> event instanceof DeliveryEvent.Waits waits && waits.reason().startsWith("STARTTLS not offered"));
    }

    @Test
    void R_EHLO_1_whatTlsHeldToTheEndBouncesAs574() throws Exception {
        deliver(TlsLevel.REQUIRED, Duration.ofHours(80), event -> event instanceof DeliveryEvent.Bounced bounced
                && bounced.verdict().status().toString().equals("5.7.4") && bounced.verdict().words().endsWith("(message too old)"));
    }
}
