package org.mailrelay.delivery.connection;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.delivery.conversation.Credentials;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;

/// What connections over real sockets need, with short limits.
final class SocketBench implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMillis(400);

    private final EventLoops loops = EventLoops.open(1);
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
    private final ClientTls tls = new ClientTls(TlsProvider.AUTO);
    final RecordingLog log = new RecordingLog();
    Transcript transcript = Transcript.keep();

    /// Runs one connection to its end.
    ///
    /// @param host empty for an address literal
    RecordingSource run(InetSocketAddress peer, String host, HostTerms terms, Optional<Credentials> auth, RecordingSource source) throws Exception {
        Timeouts limits = new Timeouts(Stream.of(Stage.values()).collect(Collectors.toMap(stage -> stage, stage -> stage == Stage.HANDSHAKE ? LIMIT.multipliedBy(5) : LIMIT)));
        ConnectionPlan plan = new ConnectionPlan(new ConnectionKey(Optional.empty(), peer, new Terms("relay.example.net", EhloReading.STRICT, false, terms, auth),
                host.isEmpty() ? Optional.empty() : Optional.of(Domain.of(host)), TlsVersion.TLS_1_2), Domain.of("example.com"), limits, 50, Duration.ofSeconds(5));
        Connector connector = new Connector(new Connector.Surroundings(loops, tls, new PeerChecks(InstantSource.system()), log, InstantSource.system(), readers));
        transcript = Transcript.keep();
        connector.open(new Connector.Order(plan, new Dcid(30), source, transcript));
        return source.awaitClosed();
    }

    @Override
    public void close() {
        loops.close();
        readers.close();
    }
}
