package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// What only sockets show of an opening: segments, ends of connections, silence.
@Timeout(60)
class OnTheWireTest {

    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    static Path folder;

    private final SocketBench bench = new SocketBench();

    @BeforeAll
    static void write() {
        CA.write(folder);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static HostTerms terms(Encryption encryption, boolean implicitTls, boolean verified) {
        List<TlsCheck> checks = verified ? List.of(new TlsCheck.Pkix(List.of("mx1.example.com"), new Trust(false, List.of(folder.resolve("ca.pem"))))) : List.of();
        TlsLevel level = encryption == Encryption.ALWAYS ? TlsLevel.REQUIRED : TlsLevel.PREFERRED;
        return new HostTerms(new TlsRequirement(encryption, checks, List.of()), new TlsRule(level, "conf/destinations.yaml:14", "example.com"), implicitTls, false, TlsReason.POLICY_NONE,
                encryption == Encryption.IF_OFFERED);
    }

    private RecordingSource run(FakeMx mx, HostTerms terms) throws Exception {
        return bench.run(mx.address(), "mx1.example.com", terms, Optional.empty(), new RecordingSource(1));
    }

    /// RFC 3207 §4: nothing may stand behind STARTTLS before it is answered, though PIPELINING is offered: what comes next is the answer to the refusal.
    @Test
    void R_STLS_1_startTlsStandsAlone() throws Exception {
        CompletableFuture<List<String>> heard = new CompletableFuture<>();
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket client = server.accept()) {
                    List<String> segments = new ArrayList<>();
                    for (String answer : List.of("220 mx.test\r\n", "250-mx.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n", "454 not now\r\n", "221 bye\r\n")) {
                        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                        segments.add(segment(client.getInputStream()));
                    }
                    heard.complete(segments);
                } catch (IOException broken) {
                    heard.completeExceptionally(broken);
                }
            });
            bench.run((InetSocketAddress) server.getLocalSocketAddress(), "mx1.example.com", terms(Encryption.ALWAYS, false, false), Optional.empty(), new RecordingSource(1));
            assertThat(heard.get(20, TimeUnit.SECONDS)).containsExactly("EHLO relay.example.net\r\n", "STARTTLS\r\n", "QUIT\r\n", "");
        }
    }

    private static String segment(InputStream in) throws IOException {
        byte[] octets = new byte[4_096];
        int read = in.read(octets);
        return new String(octets, 0, Math.max(0, read), StandardCharsets.US_ASCII);
    }

    /// RFC 1869 §4.7 would let a client come back with HELO; ours does not, at any level.
    @Test
    void R_EHLO_14_aHostThatLeavesAtEhloIsNotComeBackToWithHelo() throws Exception {
        for (Encryption encryption : Encryption.values()) {
            try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("EHLO", new Effect.Close())))) {
                assertThat(run(mx, terms(encryption, false, false)).failure.join()).isInstanceOfSatisfying(HostFailure.Lost.class, lost -> assertThat(lost.stage()).isEqualTo(Stage.EHLO));
                assertThat(mx.commands()).containsExactly("EHLO relay.example.net");
                assertThat(mx.peers()).hasSize(1);
            }
        }
    }

    /// The connection ends without close_notify, as whoever cuts it would have it: what was owed has not been said.
    @Test
    void R_STLS_11_anEndWithoutCloseNotifyIsALoss() throws Exception {
        for (Map.Entry<String, Class<?>> each : Map.<String, Class<?>>of("MAIL", RecipientResult.Lost.class, "CONTENT", RecipientResult.Ambiguous.class).entrySet()) {
            try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx1.example.com")), Map.of(each.getKey(), new Effect.Close())))) {
                assertThat(run(mx, terms(Encryption.ALWAYS, false, true)).results.getFirst().recipients().getFirst()).isInstanceOf(each.getValue());
            }
        }
    }

    /// RFC 8314 §3.3: TLS from the first octet is under the same policy: a host whose certificate does not verify hears nothing.
    @Test
    void R_TLS_5_implicitTlsIsVerifiedBeforeAWordIsSaid() throws Exception {
        try (FakeMx good = implicit(CA.good("mx1.example.com")); FakeMx other = implicit(CA.good("other.example.com"))) {
            assertThat(run(good, terms(Encryption.ALWAYS, true, true)).results.getFirst().recipients().getFirst()).isInstanceOf(RecipientResult.Delivered.class);
            assertThat(good.received()).singleElement().matches(FakeMx.Received::encrypted);
            assertThat(run(other, terms(Encryption.ALWAYS, true, true)).failure.join()).isInstanceOf(HostFailure.AgainstPolicy.class);
            assertThat(other.commands()).isSubsetOf("QUIT");
        }
    }

    private static FakeMx implicit(TestCa.Identity identity) {
        return new FakeMx(new FakeMx.Script(Optional.of(identity), Map.of(), true, List.of("TLSv1.2", "TLSv1.3")));
    }

    /// Silence after 220 is a handshake that failed, within its own limit.
    @Test
    void R_TMO_3_aHandshakeThatNeverComesEnds() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx1.example.com")), Map.of("STARTTLS", new Effect.GoAheadThenSay(""))))) {
            assertThat(run(mx, terms(Encryption.ALWAYS, false, false)).failure.join()).isInstanceOfSatisfying(HostFailure.AgainstPolicy.class,
                    why -> assertThat(why.reasons()).containsExactly(TlsReason.HANDSHAKE_FAILED));
        }
    }
}
