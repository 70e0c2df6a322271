package org.mailrelay.bench.endtoend;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.mailrelay.net.loop.EventLoops;

/// Clients in any number, from addresses of 127/8: the relay tells them apart by these.
final class Crowd implements AutoCloseable {

    private final EventLoops loops = EventLoops.open(2);
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final SslContext tls;
    private final InetSocketAddress relay;

    Crowd(int port) throws SSLException {
        relay = new InetSocketAddress("127.0.0.1", port);
        tls = SslContextBuilder.forClient().sslProvider(SslProvider.OPENSSL).trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm("").build();
    }

    /// @param from a source address; its port is chosen by the system
    void call(String from, List<String> script, Caller.Watch watch) {
        call(from, script, watch, true);
    }

    /// @param leaves hangs up when the relay does, or refuses; else keeps its half open for as long as it can
    void call(String from, List<String> script, Caller.Watch watch, boolean leaves) {
        Bootstrap client = new Bootstrap().group(loops.group()).channel(loops.clientChannel()).option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, !leaves).handler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                open.add(channel);
                channel.pipeline().addLast(new Caller(script, Optional.of(tls), watch, leaves));
            }
        });
        loops.portLater(client);
        ChannelFuture connecting = client.connect(relay, new InetSocketAddress(from, 0));
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                watch.whenDone().accept(false);
            }
        });
    }

    int open() {
        return (int) open.stream().filter(Channel::isActive).count();
    }

    /// Those that are about to end are counted, too.
    int held() {
        return open.size();
    }

    void hangUp() {
        open.close().awaitUninterruptibly();
    }

    @Override
    public void close() {
        hangUp();
        loops.close();
    }
}
