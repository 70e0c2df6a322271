package org.mailrelay.bench.endtoend;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.testkit.tls.TestCa;

/// A mail host that costs little beside the handshake: STARTTLS, no tickets and no session to resume, everything is taken. It counts, and prints how long it took from
/// the first message to the last of each so many: the same for whichever program delivers to it. Until it is killed.
///
/// `HandshakeSink PORT MESSAGES`
final class HandshakeSink {

    private static final AtomicLong FIRST = new AtomicLong();
    private static final AtomicLong TAKEN = new AtomicLong();
    private static final AtomicLong HANDSHAKES = new AtomicLong();
    private static final AtomicLong RESUMED = new AtomicLong();

    private HandshakeSink() {
    }

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        long messages = Long.parseLong(args[1]);
        Path folder = Files.createTempDirectory("handshake-sink");
        TestCa.PemFiles own = new TestCa(Instant.now()).good("sink.bench.example").write(folder, "own");
        SslContext context = SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile()).sslProvider(SslProvider.OPENSSL)
                .option(OpenSslContextOption.GROUPS, new String[] {"X25519", "P-256"}).build();
        ((ReferenceCountedOpenSslContext) context).sessionContext().setSessionCacheEnabled(false);
        try (EventLoops loops = EventLoops.open(1)) {
            Channel server = new ServerBootstrap().group(loops.group()).channel(loops.serverChannel()).childHandler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel from) {
                    from.pipeline().addLast("lines", new LineBasedFrameDecoder(65_536)).addLast(new Session(context, messages));
                    from.writeAndFlush(octets("220 sink.bench.example ESMTP\r\n"));
                }
            }).bind(InetAddress.getLoopbackAddress(), port).sync().channel();
            server.closeFuture().sync();
        }
    }

    private static ByteBuf octets(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static final class Session extends SimpleChannelInboundHandler<ByteBuf> {
        private final SslContext context;
        private final long messages;
        private boolean data;

        Session(SslContext context, long messages) {
            this.context = context;
            this.messages = messages;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext client, ByteBuf in) {
            String line = in.toString(StandardCharsets.US_ASCII);
            if (data) {
                if (line.equals(".")) {
                    data = false;
                    say(client, "250 2.0.0 taken");
                    taken();
                }
                return;
            }
            switch (line.length() < 4 ? line : line.substring(0, 4)) {
                case "EHLO" -> say(client, client.pipeline().get("tls") == null ? "250-sink.bench.example\r\n250-STARTTLS\r\n250 PIPELINING" : "250-sink.bench.example\r\n250 PIPELINING");
                case "STAR" -> {
                    SslHandler tls = context.newHandler(client.alloc());
                    SSL.setOptions(((ReferenceCountedOpenSslEngine) tls.engine()).sslPointer(), SSL.SSL_OP_NO_TICKET);
                    tls.handshakeFuture().addListener(done -> {
                        if (done.isSuccess()) {
                            HANDSHAKES.incrementAndGet();
                            RESUMED.addAndGet(SSL.isSessionReused(((ReferenceCountedOpenSslEngine) tls.engine()).sslPointer()) ? 1 : 0);
                        }
                    });
                    say(client, "220 2.0.0 go ahead");
                    client.pipeline().addFirst("tls", tls);
                }
                case "DATA" -> {
                    data = true;
                    say(client, "354 go ahead");
                }
                case "QUIT" -> client.writeAndFlush(octets("221 2.0.0 bye\r\n")).addListener(ChannelFutureListener.CLOSE);
                default -> say(client, "250 2.0.0 ok");
            }
        }

        private static void say(ChannelHandlerContext client, String reply) {
            client.writeAndFlush(octets(reply + "\r\n"));
        }

        /// One event loop runs all of this.
        private void taken() {
            FIRST.compareAndSet(0, System.nanoTime());
            if (TAKEN.incrementAndGet() % messages == 0) {
                double seconds = (System.nanoTime() - FIRST.getAndSet(0)) / 1e9;
                long resumed = RESUMED.getAndSet(0);
                System.out.printf(java.util.Locale.ROOT, "%d messages, %d full handshakes, %d resumed, %.2f s, %.0f a second%n", messages, HANDSHAKES.getAndSet(0) - resumed, resumed, seconds,
                        messages / seconds);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext client, Throwable cause) {
            client.close();
        }
    }
}
