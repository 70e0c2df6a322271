package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.testkit.tls.TestCa;

/// In a pipeline as the listener has it: nothing is read that was not asked for.
@Timeout(60)
class AlpnGuardSocketTest {

    @TempDir
    Path folder;

    private interface WithServer {
        void run(InetSocketAddress server) throws Exception;
    }

    private void serving(TlsProvider provider, WithServer test) throws Exception {
        TestCa.PemFiles files = new TestCa(Instant.now()).good("relay.example.net").write(folder, "own");
        ServerTls tls = ServerTls.of(new RelaySettings.Certificate(files.chain(), files.key()), TlsVersion.TLS_1_2, provider, InstantSource.system());
        try (EventLoops loops = EventLoops.open(1)) {
            Channel server = new ServerBootstrap().group(loops.group()).channel(loops.serverChannel()).childOption(ChannelOption.AUTO_READ, false)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline().addLast(new AlpnGuard(), tls.handler(channel.alloc(), false, false, Duration.ofSeconds(10)), new Echo());
                        }
                    }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            test.run((InetSocketAddress) server.localAddress());
            server.close().sync();
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.read();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static SSLSocket client(InetSocketAddress server, String... protocols) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManager[] anybody = InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
        context.init(null, anybody, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(server.getAddress(), server.getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        return socket;
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void R_SSTLS_8_mailClientsComeThroughAndOthersGetTheAlert(TlsProvider provider) throws Exception {
        serving(provider, server -> {
            for (String[] mail : new String[][] {{}, {"smtp"}}) {
                try (SSLSocket client = client(server, mail)) {
                    client.getOutputStream().write("EHLO x\r\n".getBytes());
                    assertThat(new String(client.getInputStream().readNBytes(8))).isEqualTo("EHLO x\r\n");
                }
            }
            try (SSLSocket browser = client(server, "h2", "http/1.1")) {
                assertThatThrownBy(browser::startHandshake).isInstanceOf(SSLHandshakeException.class).hasMessageContaining("no_application_protocol");
            }
        });
    }
}
