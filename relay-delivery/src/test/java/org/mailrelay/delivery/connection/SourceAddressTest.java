package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;
import org.mailrelay.testkit.mx.FakeMx;

/// R-MX-10.
class SourceAddressTest {

    private static final HostTerms CLEAR = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.NEVER), new TlsRule(TlsLevel.NONE, "conf/destinations.yaml:1", "default"),
            false, false, TlsReason.POLICY_NONE, false);

    private final EventLoops loops = EventLoops.open(1);
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        loops.close();
        readers.close();
    }

    private RecordingSource open(InetSocketAddress peer, String source) throws Exception {
        Terms terms = new Terms("bulk.example.net", EhloReading.STRICT, false, CLEAR, Optional.empty());
        ConnectionKey key = new ConnectionKey(Optional.of(InetAddress.getByName(source)), peer, terms, Optional.of(Domain.of("mx1.example.com")), TlsVersion.TLS_1_2);
        ConnectionPlan plan = new ConnectionPlan(key, Domain.of("example.com"), new Timeouts(Map.of()), 50, Duration.ofSeconds(5), "bulk");
        RecordingSource messages = new RecordingSource(1);
        new Connector(new Connector.Surroundings(loops, new ClientTls(TlsProvider.AUTO), new PeerChecks(InstantSource.system()), new RecordingLog(), InstantSource.system(), readers))
                .open(plan, new Dcid(30), messages);
        return messages.awaitClosed();
    }

    @Test
    void theConnectionComesFromTheAddressThatTheGatewayNames() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()))) {
            assertThat(open(mx.address(), "127.0.0.2").results).hasSize(1);
            assertThat(open(mx.address(), "127.0.0.3").results).hasSize(1);
            assertThat(mx.peers()).containsExactly(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.3"));
            assertThat(mx.commands()).contains("EHLO bulk.example.net");
        }
    }

    @Test
    void anAddressThatIsNotOursIsNoFaultOfTheHost() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()))) {
            assertThat(open(mx.address(), "192.0.2.8").failure.join()).isEqualTo(new HostFailure.Local("Cannot assign requested address", "192.0.2.8"));
            assertThat(mx.peers()).isEmpty();
        }
    }

    @Test
    void aSourceOfTheOtherFamilyIsNoFaultOfTheHostEither() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()))) {
            assertThat(open(mx.address(), "2001:db8::8").failure.join()).isNotInstanceOf(HostFailure.Refused.class);
            assertThat(mx.peers()).isEmpty();
        }
    }

    /// Running out of ports, descriptors or buffers, as the system and the transport word it.
    @Test
    void whatRunsOutHereIsLocalAndWhatFailsThereIsNot() {
        for (String words : List.of("bind(..) failed with error(-98): Address already in use", "connect(..) failed: Cannot assign requested address: /192.0.2.1:25",
                "newSocketStream(..) failed: Too many open files", "No buffer space available")) {
            assertThat(ConnectFailure.of(new RuntimeException("Unable to create Channel", new java.io.IOException(words)), Optional.empty())).as(words)
                    .isInstanceOf(HostFailure.Local.class);
        }
        assertThat(ConnectFailure.of(new java.io.IOException("connect(..) failed: Network is unreachable: /[2001:db8::1]:25"), Optional.empty()))
                .isEqualTo(new HostFailure.Unreachable("Network is unreachable"));
    }
}
