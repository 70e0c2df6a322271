package org.mailrelay.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.EarlyTalkers;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.net.dns.ReverseName;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.net.tls.AlpnGuard;
import org.mailrelay.net.tls.ServerTls;

/// A new connection until its greeting: reverse DNS, the access decision, then a session or a refusal. Nothing is read before.
final class Arrival {

    private final ListenerSurroundings around;
    private final RelaySettings.Listener listener;
    private final Optional<ServerTls> tls;
    private final Shared shared;

    Arrival(ListenerSurroundings around, RelaySettings.Listener listener, Optional<ServerTls> tls, Shared shared) {
        this.around = around;
        this.listener = listener;
        this.tls = tls;
        this.shared = shared;
    }

    void begin(SocketChannel channel, boolean suspended) {
        byte[] from = channel.remoteAddress().getAddress().getAddress();
        if (listener.proxies().stream().anyMatch(proxy -> proxy.contains(from))) {
            channel.pipeline().addLast(new ProxyGate(around.limits().handshake(), (client, sent) -> begin(channel, client, sent, suspended)));
        } else {
            begin(channel, channel.remoteAddress(), new byte[0], suspended);
        }
    }

    /// @param sent what the client has sent already, behind a proxy's header
    private void begin(SocketChannel channel, InetSocketAddress client, byte[] sent, boolean suspended) {
        InetAddress address = client.getAddress();
        int open = shared.counts().opened(address);
        Icid icid = around.spool().takeIcid();
        if (shared.counts().overrun(address, open)) {
            channel.closeFuture().addListener(_ -> shared.counts().closed(address));
            failed(icid, ReceivingFailure.CONNECTION_LIMIT);
            channel.close();
            return;
        }
        channel.closeFuture().addListener(_ -> {
            shared.counts().closed(address);
            around.events().on(new InjectionEvent.Closed(around.clock().instant(), icid, listener.name()));
        });
        if (address.isLoopbackAddress()) {
            decide(channel, client, sent, icid, new ReverseName.Nameless(), open, suspended);
        } else {
            around.reverse().verify(address).thenAccept(name -> channel.eventLoop().execute(() -> decide(channel, client, sent, icid, name, open, suspended)));
        }
    }

    private void decide(SocketChannel channel, InetSocketAddress peer, byte[] sent, Icid icid, ReverseName reverse, int open, boolean suspended) {
        Settings settings = around.settings().get();
        Optional<Domain> host = reverse instanceof ReverseName.Named(Domain name, boolean _) ? Optional.of(name) : Optional.empty();
        boolean verified = reverse instanceof ReverseName.Named(Domain _, boolean confirmed) && confirmed;
        around.events().on(new InjectionEvent.Opened(around.clock().instant(), icid, listener.name(), channel.localAddress().getAddress().getHostAddress(),
                peer.getAddress().getHostAddress(), host.map(Domain::name), verified));
        if (suspended) {
            refuse(channel, OurReplies.SHUTTING_DOWN);
            return;
        }
        PeerFacts facts = PeerFacts.of(listener.name(), peer.getAddress().getAddress(), verified ? host : Optional.empty());
        switch (AccessRules.decide(facts, settings.senderGroups())) {
            case AccessDecision.Relay(String group, String match, MailFlowPolicy policy) -> {
                decided(icid, MailFlowPolicy.Access.RELAY, group, match);
                greet(channel, settings, sent, new Peer(icid, listener.name(), peer, host, facts, group, policy, List.of()), open);
            }
            case AccessDecision.Accept(String group, String match, MailFlowPolicy policy) -> {
                decided(icid, MailFlowPolicy.Access.ACCEPT, group, match);
                greet(channel, settings, sent, new Peer(icid, listener.name(), peer, host, facts, group, policy, List.of()), open);
            }
            case AccessDecision.Reject(String group, String match) -> {
                decided(icid, MailFlowPolicy.Access.REJECT, group, match);
                refuse(channel, OurReplies.ACCESS_REJECTED);
            }
            case AccessDecision.TcpRefuse(String group, String match) -> {
                decided(icid, MailFlowPolicy.Access.TCPREFUSE, group, match);
                channel.close();
            }
        }
    }

    private void decided(Icid icid, MailFlowPolicy.Access access, String group, String match) {
        around.events().on(new InjectionEvent.AccessDecided(around.clock().instant(), icid, access, group, match));
    }

    private void greet(SocketChannel channel, Settings settings, byte[] sent, Peer peer, int open) {
        if (open > peer.policy().limits().connections()) {
            shared.counts().limited(peer.address().getAddress(), peer.policy().limits().connections());
            failed(peer.icid(), ReceivingFailure.CONNECTION_LIMIT);
            refuse(channel, OurReplies.TOO_MANY_CONNECTIONS);
        } else if (!new PeerMeter(shared.rates(), peer, around.clock()).connection()) {
            failed(peer.icid(), ReceivingFailure.RATE);
            refuse(channel, OurReplies.CONNECTIONS_TOO_FAST);
        } else if (peer.policy().earlyTalkers() == EarlyTalkers.REFUSE && !implicit() && sent.length > 0) {
            failed(peer.icid(), ReceivingFailure.EARLY_TALKER);
            refuse(channel, OurReplies.EARLY_TALKER);
        } else if (peer.policy().earlyTalkers() == EarlyTalkers.REFUSE && !implicit()) {
            channel.pipeline().addLast(new Hush(around.limits().hush(), () -> converse(channel, settings, sent, peer), () -> {
                failed(peer.icid(), ReceivingFailure.EARLY_TALKER);
                refuse(channel, OurReplies.EARLY_TALKER);
            }));
        } else {
            converse(channel, settings, sent, peer);
        }
    }

    private boolean implicit() {
        return listener.implicitTls() && tls.isPresent();
    }

    private void converse(SocketChannel channel, Settings settings, byte[] sent, Peer peer) {
        Domain ourName = settings.relay().hostname();
        Session session = new Session(around, settings, shared, peer, mayClaim(peer), new ChannelTransport(channel, tls.isPresent(), peer.icid().toString()));
        if (implicit()) {
            channel.pipeline().addLast(new AlpnGuard(), tls.orElseThrow().handler(channel.alloc(), session.identity().asksForCertificate(), false, around.limits().handshake()));
        }
        channel.pipeline().addLast(new InboundHandler(around, session, shared, new Acceptance(around, shared.conversions(), ourName), tls));
        channel.writeAndFlush(Unpooled.wrappedBuffer(Greeting.of(ourName, peer).wire()));
        if (sent.length > 0) {
            channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(sent)).fireChannelReadComplete();
        }
        channel.config().setAutoRead(true);
    }

    /// Behind a proxy it is the address that the proxy tells: the proxy's own gives its clients nothing.
    private boolean mayClaim(Peer peer) {
        byte[] from = peer.address().getAddress().getAddress();
        return listener.fronts().stream().anyMatch(front -> front.contains(from));
    }

    private void failed(Icid icid, ReceivingFailure why) {
        around.events().on(new InjectionEvent.ReceivingFailed(around.clock().instant(), icid, why));
    }

    private void refuse(SocketChannel channel, OurReply reply) {
        Farewell.say(channel, reply, around.limits().parting());
    }
}
