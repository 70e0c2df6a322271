package org.mailrelay.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.listener.auth.Authentication;
import org.mailrelay.net.tls.ServerTls;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;

/// The sockets that take mail in. Safe from any thread; [#apply] may be called again with new settings and drops no connection.
public final class Listeners {

    private final ListenerSurroundings around;
    private final Map<InetSocketAddress, Socket> bound = new LinkedHashMap<>();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Authentication authentication;
    private final Shared shared;
    private volatile boolean suspended;

    public Listeners(ListenerSurroundings around) {
        this.around = around;
        this.authentication = new Authentication(around.clock());
        this.shared = new Shared(new PeerCounts(), SmtpChain.wire(), authentication, new RateMeter(),
                new Refusals(around.events(), around.clock(), then -> around.loops().group().schedule(then, Refusals.INTERVAL.toMillis(), TimeUnit.MILLISECONDS)), new Conversions(around.spool()));
    }

    /// What [#apply(List)] does, and users are known from these sources from now on.
    ///
    /// @throws IOException also where the sources cannot be used
    public synchronized List<InetSocketAddress> apply(List<RelaySettings.Listener> listeners, AuthSources sources) throws IOException {
        AuthSources before = authentication.sources();
        authentication.use(sources);   // before anything is bound: the first client finds its users
        try {
            return apply(listeners);
        } catch (IOException unusable) {
            authentication.use(before);
            throw unusable;
        }
    }

    /// Binds what is not bound yet and unbinds what is gone; what stays bound gets its new definition and refuses no connection meanwhile.
    /// Where a new address shares its port with one that goes (a move to the wildcard address or from it), that one is unbound first.
    ///
    /// @return the addresses that are now bound, in the listeners' order
    /// @throws IOException when a certificate cannot be used or an address cannot be bound; what was bound before is bound again then
    public synchronized List<InetSocketAddress> apply(List<RelaySettings.Listener> listeners) throws IOException {
        Map<InetSocketAddress, Definition> wanted = new LinkedHashMap<>();
        for (RelaySettings.Listener listener : listeners) {
            Optional<ServerTls> tls = listener.tls().isPresent() ? Optional.of(tls(listener.tls().get())) : Optional.empty();
            listener.addresses().forEach(address -> wanted.put(address, new Definition(listener, tls)));
        }
        List<Socket> added = new ArrayList<>();
        Set<Socket> madeWay = new LinkedHashSet<>();
        try {
            for (Map.Entry<InetSocketAddress, Definition> each : wanted.entrySet()) {
                if (!bound.containsKey(each.getKey())) {
                    bound.values().stream().filter(socket -> !wanted.containsKey(socket.requested) && collide(socket.requested, each.getKey())).forEach(madeWay::add);
                    madeWay.forEach(socket -> socket.channel.close().syncUninterruptibly());
                    added.add(bind(each.getKey(), each.getValue()));
                }
            }
        } catch (IOException unbindable) {
            added.forEach(socket -> socket.channel.close().syncUninterruptibly());
            for (Socket socket : madeWay) {
                bound.put(socket.requested, bind(socket.requested, socket.definition));
            }
            throw unbindable;
        }
        bound.values().removeIf(socket -> !wanted.containsKey(socket.requested) && socket.channel.close().syncUninterruptibly().isDone());
        added.forEach(socket -> bound.put(socket.requested, socket));
        return wanted.entrySet().stream().map(each -> {
            Socket socket = Objects.requireNonNull(bound.get(each.getKey()));
            socket.definition = each.getValue();
            return (InetSocketAddress) socket.channel.localAddress();
        }).toList();
    }

    /// The system binds no address beside the wildcard address of the same port.
    private static boolean collide(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() == other.getPort() && one.getPort() != 0 && (one.getAddress().isAnyLocalAddress() || other.getAddress().isAnyLocalAddress());
    }

    private record Definition(RelaySettings.Listener listener, Optional<ServerTls> tls) {}

    /// A bound socket stays as it is while its definition changes: a new connection finds the definition in force.
    private static final class Socket {
        private final InetSocketAddress requested;
        private final Channel channel;
        private volatile Definition definition;

        private Socket(InetSocketAddress requested, Channel channel, Definition definition) {
            this.requested = requested;
            this.channel = channel;
            this.definition = definition;
        }
    }

    private ServerTls tls(RelaySettings.Certificate certificate) throws IOException {
        return ServerTls.of(certificate, TlsVersion.TLS_1_2, TlsProvider.AUTO, around.clock());
    }

    private Socket bind(InetSocketAddress address, Definition definition) throws IOException {
        RelaySettings.Listener listener = definition.listener();
        AtomicReference<Socket> self = new AtomicReference<>();
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
                        Socket socket = self.get();
                        Definition current = socket == null ? definition : socket.definition;
                        new Arrival(around, current.listener(), current.tls(), shared).begin(channel, suspended);
                    }
                })
                .bind(address).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            String reason = String.valueOf(binding.cause().getMessage());
            around.events().on(new SystemEvent.ListenerFailed(around.clock().instant(), listener.name(), text(address), reason));
            throw new IOException("listener " + listener.name() + " cannot be bound at " + text(address) + ": " + reason, binding.cause());
        }
        InetSocketAddress actual = (InetSocketAddress) binding.channel().localAddress();
        Socket socket = new Socket(address, binding.channel(), definition);
        self.set(socket);
        around.events().on(new SystemEvent.ListenerBound(around.clock().instant(), listener.name(), text(actual)));
        return socket;
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

    /// Unbinds and tells every client 421, at once or when its message is answered; after `shutdown_grace` closes what is left.
    public synchronized void stop() {
        bound.values().forEach(socket -> socket.channel.close().syncUninterruptibly());
        bound.clear();
        connections.forEach(channel -> channel.eventLoop().execute(() -> {
            InboundHandler handler = channel.pipeline().get(InboundHandler.class);
            if (handler == null) {
                channel.close();
            } else {
                handler.drain(channel.pipeline().context(handler));
            }
        }));
        long grace = around.settings().get().relay().shutdownGrace().toMillis();
        if (!connections.newCloseFuture().awaitUninterruptibly(grace)) {
            connections.close().awaitUninterruptibly();
        }
        shared.conversions().close();
        shared.refusals().tell();
    }
}
