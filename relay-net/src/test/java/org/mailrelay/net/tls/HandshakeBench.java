package org.mailrelay.net.tls;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.testkit.tls.TestCa;

/// Full handshakes a second, each on a new connection and with a certificate check, client and server in one process. Not a test: run its main.
final class HandshakeBench {

    private static final int AT_ONCE = 32;

    private HandshakeBench() {
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("handshakes");
        TestCa ca = new TestCa(Instant.now());
        TestCa.PemFiles own = ca.good("mx1.example.com").write(folder, "own");
        SslContext context = SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile()).sslProvider(SslProvider.OPENSSL)
                .option(OpenSslContextOption.GROUPS, new String[] {"X25519MLKEM768", "X25519"}).sessionTimeout(1).build();
        PeerChecks checks = new PeerChecks(Instant::now);
        TlsCheck pkix = new TlsCheck.Pkix(List.of("mx1.example.com"),
                new Trust(false, List.of(ca.write(folder))));
        TlsRequirement requirement = new TlsRequirement(Encryption.ALWAYS, List.of(pkix), List.of());
        try (EventLoops loops = EventLoops.open(Runtime.getRuntime().availableProcessors())) {
            Channel server = new ServerBootstrap().group(loops.group()).channel(loops.serverChannel()).childHandler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel from) {
                    from.pipeline().addLast(context.newHandler(from.alloc()));
                }
            }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            ClientTls tls = new ClientTls(TlsProvider.AUTO);
            for (LadderStep step : List.of(LadderStep.HYBRID, LadderStep.CLASSICAL, LadderStep.REDUCED, LadderStep.HYBRID)) {
                AtomicLong done = new AtomicLong();
                Semaphore room = new Semaphore(AT_ONCE);
                long begin = System.nanoTime();
                while (System.nanoTime() - begin < Duration.ofSeconds(5).toNanos()) {
                    room.acquire();
                    new Bootstrap().group(loops.group()).channel(loops.clientChannel()).handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel to) throws Exception {
                            // Another port each time in the session's key: nothing is resumed.
                            SslHandler handler = tls.handler(to.alloc(), requirement, ClientOffer.of(TlsVersion.TLS_1_2), step, Optional.of(Domain.of("mx1.example.com")),
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), (int) (done.get() % 60_000) + 1), Duration.ofSeconds(10));
                            handler.handshakeFuture().addListener(shaken -> {
                                if (shaken.isSuccess() && checks.check(requirement, ClientTls.agreed(handler).chain()).enforced().size() == 1) {
                                    done.incrementAndGet();
                                }
                                to.close();
                            });
                            to.pipeline().addLast(handler);
                            to.closeFuture().addListener(_ -> room.release());
                        }
                    }).connect(server.localAddress());
                }
                room.acquire(AT_ONCE);
                System.out.printf("%-22s %6.0f handshakes/s%n", step.words(), done.get() / ((System.nanoTime() - begin) / 1e9));
            }
            server.close().sync();
        }
    }
}
