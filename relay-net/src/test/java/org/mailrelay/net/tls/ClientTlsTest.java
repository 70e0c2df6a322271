package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.CipherSuites;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.Ocsp;
import org.mailrelay.testkit.tls.TestCa;

/// Handshakes over sockets: what each step of the ladder and each key of a destination says to a server.
@Timeout(60)
class ClientTlsTest {

    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    Path folder;
    private EventLoops loops = EventLoops.open(1);
    private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private TestCa.PemFiles own;
    private Optional<byte[]> staple = Optional.empty();
    private final BlockingQueue<Boolean> greeted = new LinkedBlockingQueue<>();
    private volatile boolean reused;
    private Optional<Domain> name = Optional.of(Domain.of("mx1.example.com"));
    private ClientTls tls = new ClientTls(TlsProvider.AUTO);

    @BeforeEach
    void write() {
        own = CA.good("mx1.example.com").write(folder, "own");
    }

    @AfterEach
    void close() {
        accepted.close().awaitUninterruptibly();
        loops.close();
    }

    /// What came of one handshake: an agreement, or why not.
    private record Ended(Optional<TlsChannel> agreed, Optional<HandshakeResult.Failed> failed) {}

    private Ended shake(InetSocketAddress server, ClientOffer offer, LadderStep step) throws Exception {
        return shake(server, offer, step, Encryption.ALWAYS);
    }

    private Ended shake(InetSocketAddress server, ClientOffer offer, LadderStep step, Encryption encryption) throws Exception {
        CompletableFuture<Ended> ended = new CompletableFuture<>();
        Channel channel = new Bootstrap().group(loops.group()).channel(loops.clientChannel()).handler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel to) throws IOException {
                SslHandler handler = tls.handler(to.alloc(), TlsRequirement.of(encryption), offer, step, name, server,
                        Duration.ofSeconds(10));
                handler.handshakeFuture().addListener(done -> ended.complete(done.isSuccess() ? new Ended(Optional.of(ClientTls.agreed(handler)), Optional.empty())
                        : new Ended(Optional.empty(), Optional.of(HandshakeFailures.of(done.cause())))));
                to.pipeline().addLast(handler, new Silent() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object octets) {
                        reused = handler.engine() instanceof ReferenceCountedOpenSslEngine boring && SSL.isSessionReused(boring.sslPointer());
                        ReferenceCountUtil.release(octets);
                        greeted.add(true);
                    }
                });
            }
        }).connect(server).sync().channel();
        Ended result = ended.get(20, TimeUnit.SECONDS);
        if (staple.isPresent()) {
            greeted.poll(20, TimeUnit.SECONDS);   // tickets come before it
        }
        channel.close().sync();
        return result;
    }

    private static class Silent extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private interface WithServer {
        void run(InetSocketAddress server) throws Exception;
    }

    private void serving(Consumer<SslContextBuilder> how, WithServer test) throws Exception {
        SslContextBuilder builder = SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile()).sslProvider(SslProvider.OPENSSL)
                .ciphers(CipherNames.java(CipherSuites.KNOWN), IdentityCipherSuiteFilter.INSTANCE);
        how.accept(builder);
        SslContext context = builder.build();
        Channel server = new ServerBootstrap().group(loops.group()).channel(loops.serverChannel()).childHandler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel from) {
                accepted.add(from);
                SslHandler handler = context.newHandler(from.alloc());
                staple.ifPresent(octets -> ((ReferenceCountedOpenSslEngine) handler.engine()).setOcspResponse(octets));
                if (staple.isPresent()) {
                    handler.handshakeFuture().addListener(_ -> from.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'2'})));
                }
                from.pipeline().addLast(handler, new Silent());
            }
        }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        test.run((InetSocketAddress) server.localAddress());
        server.close().sync();
    }

    /// R-TLS-7, over sockets and again over the sessions that are resumed, where the server staples nothing anew.
    @ParameterizedTest
    @CsvSource({"TLSv1.3, AUTO", "TLSv1.2, AUTO", "TLSv1.3, JDK", "TLSv1.2, JDK"})
    void aStapledRevocationIsUntrustedAtAVerifyingLevelAndStaysSoWhenTheSessionIsResumed(String protocol, TlsProvider provider) throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        tls = new ClientTls(provider);
        Signer authority = CertificateForge.root(Wanted.authority(Instant.now(), "CN=CA"));
        Signer host = authority.sign(Wanted.host(Instant.now(), "mx1.example.com"));
        own = new TestCa.Identity(List.of(host.certificate(), authority.certificate()), host.keys().getPrivate()).write(folder, "own");
        Path ca = new TestCa.Identity(List.of(authority.certificate()), authority.keys().getPrivate()).write(folder, "authority").chain();
        TlsRequirement verified = new TlsRequirement(Encryption.ALWAYS, List.of(new TlsCheck.Pkix(List.of("mx1.example.com"), new Trust(false, List.of(ca)))), List.of());
        PeerChecks checks = new PeerChecks(Instant::now);
        for (Ocsp.Status status : List.of(Ocsp.Status.REVOKED, Ocsp.Status.GOOD)) {
            staple = Optional.of(Ocsp.response(host.certificate(), authority.certificate(), authority, status, Instant.now(), Instant.now().plusSeconds(3600)));
            serving(server -> server.protocols(protocol).enableOcsp(true), server -> {
                for (int again = 0; again < 3; again++) {
                    TlsChannel agreed = shake(server, offer(TlsVersion.TLS_1_2), LadderStep.HYBRID).agreed().orElseThrow();
                    assertThat(reused).isEqualTo(again > 0 && provider == TlsProvider.AUTO);   // the JDK does not tell
                    CheckResult result = checks.check(verified, agreed).enforced().getFirst();
                    if (status == Ocsp.Status.REVOKED) {
                        assertThat(result).isInstanceOfSatisfying(CheckResult.Failed.class, failed -> assertThat(failed.why()).isEqualTo(TlsReason.CERTIFICATE_REVOKED));
                    } else {
                        assertThat(result).isInstanceOf(CheckResult.Passed.class);
                    }
                    assertThat(checks.stapled(agreed, new Trust(false, List.of(ca))).words()).startsWith(status == Ocsp.Status.GOOD ? "good" : "revoked");
                }
            });
        }
    }

    @Test
    void aServerThatStaplesNothingIsAsTrustedAsEver() throws Exception {
        serving(_ -> { }, server -> {
            TlsChannel agreed = shake(server, offer(TlsVersion.TLS_1_2), LadderStep.HYBRID).agreed().orElseThrow();
            assertThat(agreed.staple()).isEqualTo(TlsChannel.Staple.NONE);
            assertThat(new PeerChecks(Instant::now).check(new TlsRequirement(Encryption.ALWAYS, List.of(new TlsCheck.Pkix(List.of("mx1.example.com"), new Trust(false, List.of(CA.write(folder))))),
                    List.of()), agreed).enforced().getFirst()).isInstanceOf(CheckResult.Passed.class);
        });
    }

    private static ClientOffer offer(TlsVersion minimum) {
        return ClientOffer.of(minimum);
    }

    @Test
    void thePostQuantumHybridIsAgreedOnWithAServerThatHasIt() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(server -> server.option(OpenSslContextOption.GROUPS, new String[] {"X25519MLKEM768", "X25519"}), server -> {
            assertThat(shake(server, offer(TlsVersion.TLS_1_2), LadderStep.HYBRID).agreed()).hasValueSatisfying(agreed -> {
                assertThat(agreed.group()).contains("X25519MLKEM768");
                assertThat(agreed.protocol()).isEqualTo("TLSv1.3");
            });
            assertThat(shake(server, offer(TlsVersion.TLS_1_2), LadderStep.CLASSICAL).agreed().orElseThrow().group()).contains("X25519");
        });
    }

    @Test
    void aServerWithOneOldGroupIsReachedOnEveryStep() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(server -> server.option(OpenSslContextOption.GROUPS, new String[] {"P-256"}), server -> {
            for (LadderStep step : List.of(LadderStep.HYBRID, LadderStep.CLASSICAL, LadderStep.REDUCED)) {
                assertThat(shake(server, offer(TlsVersion.TLS_1_2), step).agreed().orElseThrow().group()).as("%s", step).contains("P-256");
            }
        });
    }

    @Test
    void theReducedHelloSpeaksTheOlderVersionAndNeverOneBelowTheDestinations() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(_ -> { }, server -> {
            assertThat(shake(server, offer(TlsVersion.TLS_1_2), LadderStep.REDUCED).agreed().orElseThrow().protocol()).isEqualTo("TLSv1.2");
            assertThat(shake(server, offer(TlsVersion.TLS_1_3), LadderStep.REDUCED).agreed().orElseThrow().protocol()).isEqualTo("TLSv1.3");
        });
        serving(server -> server.protocols("TLSv1.2"), server -> {
            HandshakeResult.Failed failed = shake(server, offer(TlsVersion.TLS_1_3), LadderStep.REDUCED).failed().orElseThrow();
            assertThat(failed.ofCertificate()).as("%s", failed).isFalse();
        });
    }

    /// R-TLS-1.
    @Test
    void versionsBelowTwelveAreSpokenOnlyWhereTheDestinationSaysSo() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(server -> server.protocols("TLSv1"), server -> {
            assertThat(shake(server, offer(TlsVersion.TLS_1_2), LadderStep.HYBRID).failed()).isPresent();
            assertThat(shake(server, offer(TlsVersion.TLS_1_0), LadderStep.CLASSICAL, Encryption.IF_OFFERED).agreed().orElseThrow().protocol()).isEqualTo("TLSv1");
        });
    }

    /// R-TLS-1, R-STS-8: an entry that allows TLS 1.0 allows it where the network may have none; not where DANE, MTA-STS or the message demands TLS.
    @ParameterizedTest
    @EnumSource(value = LadderStep.class, names = {"HYBRID", "CLASSICAL"})
    void whereTlsIsDemandedOldVersionsAreNotSpokenWhateverTheEntryAllows(LadderStep step) throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(server -> server.protocols("TLSv1", "TLSv1.1"), server -> {
            assertThat(shake(server, offer(TlsVersion.TLS_1_0), step, Encryption.ALWAYS).failed()).isPresent();
            assertThat(shake(server, offer(TlsVersion.TLS_1_0), step, Encryption.IF_OFFERED).agreed()).isPresent();
        });
    }

    @Test
    void theDestinationsCiphersAreTheOnesOffered() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(server -> server.protocols("TLSv1.2"), server -> {
            ClientOffer one = new ClientOffer(TlsVersion.TLS_1_2, List.of("ECDHE-ECDSA-CHACHA20-POLY1305"), Optional.empty());
            assertThat(shake(server, one, LadderStep.HYBRID).agreed().orElseThrow().cipher()).isEqualTo("ECDHE-ECDSA-CHACHA20-POLY1305");
            ClientOffer none = new ClientOffer(TlsVersion.TLS_1_2, List.of("AES128-SHA"), Optional.empty());
            assertThat(shake(server, none, LadderStep.HYBRID).failed()).as("the server's key is of another kind").isPresent();
        });
    }

    @Test
    void everyCipherThatConfigurationKnowsHasAJavaName() {
        assertThat(CipherNames.java(CipherSuites.KNOWN)).hasSize(CipherSuites.KNOWN.size() + 3)
                .contains("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")
                .allSatisfy(java -> assertThat(CipherNames.openSsl(java)).satisfiesAnyOf(name -> assertThat(CipherSuites.KNOWN).contains(name),
                        name -> assertThat(name).startsWith("TLS_")));
    }

    @Test
    void aClientCertificateIsShownToAServerThatAsks() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        TestCa.PemFiles client = CA.good("relay.example.net").write(folder, "client");
        serving(server -> server.clientAuth(ClientAuth.REQUIRE).trustManager(CA.certificate()).protocols("TLSv1.2"), server -> {
            ClientOffer with = new ClientOffer(TlsVersion.TLS_1_2, List.of(), Optional.of(new ClientOffer.Certificate(client.chain(), client.key())));
            assertThat(shake(server, with, LadderStep.HYBRID).agreed()).isPresent();
        });
    }

    /// A certificate that was renewed in its place is shown from the next connection on.
    @Test
    void aClientCertificateThatWasRenewedIsReadAgain() throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        TestCa stranger = new TestCa(Instant.now());
        TestCa.PemFiles client = stranger.good("relay.example.net").write(folder, "client");
        ClientOffer with = new ClientOffer(TlsVersion.TLS_1_2, List.of(), Optional.of(new ClientOffer.Certificate(client.chain(), client.key())));
        serving(server -> server.clientAuth(ClientAuth.REQUIRE).trustManager(CA.certificate()).protocols("TLSv1.2"), server -> {
            assertThat(shake(server, with, LadderStep.HYBRID).agreed()).isEmpty();
            CA.good("relay.example.net").write(folder, "client");
            Files.setLastModifiedTime(client.chain(), FileTime.fromMillis(1000));
            assertThat(shake(server, with, LadderStep.HYBRID).agreed()).isPresent();
        });
    }

    @Test
    void aClientCertificateThatCannotBeReadIsTold() {
        ClientOffer gone = new ClientOffer(TlsVersion.TLS_1_2, List.of(), Optional.of(new ClientOffer.Certificate(folder.resolve("gone.pem"), folder.resolve("gone.key"))));
        assertThatThrownBy(() -> tls.handler(io.netty.buffer.ByteBufAllocator.DEFAULT, TlsRequirement.of(Encryption.ALWAYS), gone, LadderStep.HYBRID, Optional.empty(), new InetSocketAddress("127.0.0.1", 25),
                Duration.ofSeconds(1))).isInstanceOf(IOException.class).hasMessageContaining("gone.pem");
    }

    @ParameterizedTest
    @EnumSource(value = LadderStep.class, names = "CLEAR", mode = EnumSource.Mode.EXCLUDE)
    void aResumedSessionStillShowsItsChain(LadderStep step) throws Exception {
        assumeTrue(OpenSsl.isAvailable());
        serving(server -> server.trustManager(InsecureTrustManagerFactory.INSTANCE), server -> {
            for (int i = 0; i < 3; i++) {
                assertThat(shake(server, offer(TlsVersion.TLS_1_2), step).agreed().orElseThrow().chain()).hasSize(2);
            }
        });
    }

    /// Against OpenSSL itself, whatever version the machine has.
    @ParameterizedTest
    @CsvSource({"-tls1_2, TLSv1.2, HYBRID", "-tls1_2, TLSv1.2, REDUCED", "-tls1_3, TLSv1.3, HYBRID", "-tls1_3, TLSv1.3, CLASSICAL"})
    void handshakesWithOpenSsl(String version, String protocol, LadderStep step) throws Exception {
        openSsl(List.of(version), server -> {
            TlsChannel agreed = shake(server, offer(TlsVersion.TLS_1_2), step).agreed().orElseThrow();
            assertThat(agreed.protocol()).isEqualTo(protocol);
            assertThat(agreed.chain().getFirst().getSubjectAlternativeNames()).anyMatch(name -> name.contains("mx1.example.com"));
        });
    }

    @Test
    void anAlertAboutOurCertificateIsNoReasonToStepDown() throws Exception {
        TestCa.PemFiles expired = CA.expired("relay.example.net").write(folder, "expired");
        ClientOffer wrong = new ClientOffer(TlsVersion.TLS_1_2, List.of(), Optional.of(new ClientOffer.Certificate(expired.chain(), expired.key())));
        openSsl(List.of("-tls1_2", "-Verify", "1", "-verify_return_error", "-CAfile", CA.write(folder).toString()), server -> {
            HandshakeResult.Failed failed = shake(server, wrong, LadderStep.HYBRID).failed().orElseThrow();
            assertThat(failed.ofCertificate()).as("%s", failed).isTrue();
        });
    }

    private void openSsl(List<String> options, WithServer test) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", own.chain().toString(), "-key", own.key().toString(),
                "-cert_chain", own.chain().toString()));
        command.addAll(options);
        Process server = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader said = server.inputReader()) {
            String line = said.readLine();
            while (line != null && !line.startsWith("ACCEPT ")) {
                line = said.readLine();
            }
            assertThat(line).isNotNull();
            test.run(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(line.substring(line.lastIndexOf(':') + 1))));
        } finally {
            server.destroyForcibly().waitFor();
        }
    }
}
