package org.mailrelay.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.net.tls.ServerTls;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;

/// The sockets that take mail in. Safe from any thread; [#apply] may be called again with new settings and drops no connection.
public final class Listeners {

    private final ListenerSurroundings around;
    private final Map<InetSocketAddress, Channel> bound = new HashMap<>();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final PeerCounts counts = new PeerCounts();
    private final LineDispatcher dispatcher = SmtpChain.wire();
    private volatile boolean suspended;

    public Listeners(ListenerSurroundings around) {
        this.around = around;
    }

    /// Binds what is not bound yet and unbinds what is gone; a listener whose definition changed is bound anew.
    ///
    /// @return the addresses that are now bound, in the listeners' order
    /// @throws IOException when a certificate cannot be used or an address cannot be bound; what was bound before stays
    public synchronized List<InetSocketAddress> apply(List<RelaySettings.Listener> listeners) throws IOException {
        bound.values().forEach(channel -> channel.close().syncUninterruptibly());
        bound.clear();
        List<InetSocketAddress> addresses = new java.util.ArrayList<>();
        for (RelaySettings.Listener listener : listeners) {
            Optional<SslContext> tls = listener.tls().isPresent() ? Optional.of(context(listener.tls().get())) : Optional.empty();
            for (InetSocketAddress address : listener.addresses()) {
                addresses.add(bind(listener, address, tls));
            }
        }
        return addresses;
    }

    private static SslContext context(RelaySettings.Certificate certificate) throws IOException {
        return ServerTls.context(certificate.certificate(), certificate.key(), TlsVersion.TLS_1_2, TlsProvider.AUTO);
    }

    private InetSocketAddress bind(RelaySettings.Listener listener, InetSocketAddress address, Optional<SslContext> tls) throws IOException {
        ChannelFuture binding = new ServerBootstrap()
                .group(around.loops().group())
                .channel(around.loops().serverChannel())
                .option(ChannelOption.SO_BACKLOG, 1_024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.add(channel);
                        new Arrival(around, listener, tls, counts, dispatcher).begin(channel, suspended);
                    }
                })
                .bind(address).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            String reason = String.valueOf(binding.cause().getMessage());
            around.events().on(new SystemEvent.ListenerFailed(around.clock().instant(), listener.name(), text(address), reason));
            throw new IOException("listener " + listener.name() + " cannot be bound at " + text(address) + ": " + reason, binding.cause());
        }
        InetSocketAddress actual = (InetSocketAddress) binding.channel().localAddress();
        bound.put(actual, binding.channel());
        around.events().on(new SystemEvent.ListenerBound(around.clock().instant(), listener.name(), text(actual)));
        return actual;
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /// New connections are told 421 until [#resume].
    public void suspend() {
        suspended = true;
        around.events().on(new SystemEvent.Switched(around.clock().instant(), "Receiving", true));
    }

    public void resume() {
        suspended = false;
        around.events().on(new SystemEvent.Switched(around.clock().instant(), "Receiving", false));
    }

    public boolean suspended() {
        return suspended;
    }

    /// Open connections.
    public int connections() {
        return connections.size();
    }

    /// Unbinds, tells every client 421 once its message is answered, and closes.
    public synchronized void stop() {
        bound.values().forEach(channel -> channel.close().syncUninterruptibly());
        bound.clear();
        connections.forEach(channel -> channel.eventLoop().execute(() -> {
            InboundHandler handler = channel.pipeline().get(InboundHandler.class);
            if (handler == null) {
                channel.close();
            } else {
                handler.leave(channel.pipeline().context(handler), OurReplies.SHUTTING_DOWN);
            }
        }));
        connections.newCloseFuture().awaitUninterruptibly();
    }
}
