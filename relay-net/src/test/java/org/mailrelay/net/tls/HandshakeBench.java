package org.mailrelay.net.tls;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.Ocsp;
import org.mailrelay.testkit.tls.TestCa;

/// Full handshakes a second, each on a new connection and with a certificate check that passes, client and server in one process: by the steps of the ladder, and
/// with a stapled OCSP response; and what reading a response costs, which is done once for each response and chain in ten minutes. Not a test: run its main.
final class HandshakeBench {

    private static final int AT_ONCE = 32;

    private final Signer authority = CertificateForge.root(Wanted.authority(Instant.now(), "CN=CA"));
    private final Signer host = authority.sign(Wanted.host(Instant.now(), "mx1.example.com"));
    private final TlsRequirement requirement;
    private final SslContext context;
    private final PeerChecks checks = new PeerChecks(Instant::now);
    private final ClientTls tls = new ClientTls(TlsProvider.AUTO);
    private final AtomicInteger number = new AtomicInteger();
    private final byte[] response = staple();

    private HandshakeBench(Path folder) throws Exception {
        TestCa.PemFiles own = new TestCa.Identity(List.of(host.certificate(), authority.certificate()), host.keys().getPrivate()).write(folder, "own");
        Path trusted = new TestCa.Identity(List.of(authority.certificate()), authority.keys().getPrivate()).write(folder, "ca").chain();
        requirement = new TlsRequirement(Encryption.ALWAYS, List.of(new TlsCheck.Pkix(List.of("mx1.example.com"), new Trust(false, List.of(trusted)))), List.of());
        context = SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile()).sslProvider(SslProvider.OPENSSL)
                .option(OpenSslContextOption.GROUPS, new String[] {"X25519MLKEM768", "X25519"}).sessionTimeout(1).enableOcsp(true).build();
    }

    private byte[] staple() {
        return Ocsp.response(host.certificate(), authority.certificate(), authority, Ocsp.Status.GOOD, Instant.now(), Instant.now().plusSeconds(3600));
    }

    public static void main(String[] args) throws Exception {
        HandshakeBench bench = new HandshakeBench(Files.createTempDirectory("handshakes"));
        try (EventLoops loops = EventLoops.open(Runtime.getRuntime().availableProcessors())) {
            for (LadderStep step : List.of(LadderStep.HYBRID, LadderStep.CLASSICAL, LadderStep.REDUCED, LadderStep.HYBRID)) {
                bench.run(loops, step, false);
            }
            bench.run(loops, LadderStep.HYBRID, true);
        }
        bench.read();
        bench.read();
    }

    private void read() {
        int rounds = 2_000;
        long begin = System.nanoTime();
        for (int i = 0; i < rounds; i++) {
            if (!(StapledResponse.status(response, List.of(host.certificate(), authority.certificate()), List.of(), Instant.now()) instanceof StapledStatus.Good)) {
                throw new IllegalStateException("a good response was not taken for one");
            }
        }
        System.out.printf("reading a stapled response: %d us%n", (System.nanoTime() - begin) / 1_000 / rounds);
    }

    private void run(EventLoops loops, LadderStep step, boolean stapled) throws Exception {
        Channel server = new ServerBootstrap().group(loops.group()).channel(loops.serverChannel()).childHandler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel from) {
                SslHandler handler = context.newHandler(from.alloc());
                if (stapled) {
                    ((ReferenceCountedOpenSslEngine) handler.engine()).setOcspResponse(response);
                }
                from.pipeline().addLast(handler);
            }
        }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        AtomicLong done = new AtomicLong();
        AtomicLong reused = new AtomicLong();
        Semaphore room = new Semaphore(AT_ONCE);
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < Duration.ofSeconds(5).toNanos()) {
            room.acquire();
            new Bootstrap().group(loops.group()).channel(loops.clientChannel()).handler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel to) throws Exception {
                    // Another port each time in the session's key: nothing is resumed.
                    InetSocketAddress key = new InetSocketAddress(InetAddress.getLoopbackAddress(), number.incrementAndGet() % 65_000 + 1);
                    SslHandler handler = tls.handler(to.alloc(), requirement, ClientOffer.of(TlsVersion.TLS_1_2), step, Optional.of(Domain.of("mx1.example.com")), key, Duration.ofSeconds(10));
                    handler.handshakeFuture().addListener(shaken -> {
                        if (shaken.isSuccess() && checks.check(requirement, ClientTls.agreed(handler)).enforced().getFirst() instanceof CheckResult.Passed) {
                            done.incrementAndGet();
                            reused.addAndGet(SSL.isSessionReused(((ReferenceCountedOpenSslEngine) handler.engine()).sslPointer()) ? 1 : 0);
                        }
                        to.close();
                    });
                    to.pipeline().addLast(handler);
                    to.closeFuture().addListener(_ -> room.release());
                }
            }).connect(server.localAddress());
        }
        room.acquire(AT_ONCE);
        System.out.printf("%-22s %-7s %6.0f handshakes/s, %d resumed%n", step.words(), stapled ? "stapled" : "", done.get() / ((System.nanoTime() - begin) / 1e9), reused.get());
        server.close().sync();
    }
}
