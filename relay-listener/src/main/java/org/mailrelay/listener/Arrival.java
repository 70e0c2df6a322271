package org.mailrelay.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.AddressBlock;
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
        channel.closeFuture().addListener(_ -> shared.counts().closed(address));
        if (shared.counts().overrun(address, open)) {
            if (shared.refusals().toldAlone(AddressBlock.ofClient(address.getAddress()), ReceivingFailure.CONNECTION_LIMIT)) {
                failed(around.spool().takeIcid(), ReceivingFailure.CONNECTION_LIMIT);
            }
            channel.close();
            return;
        }
        if (address.isLoopbackAddress()) {
            decide(new Coming(channel, client, sent, open), new ReverseName.Nameless(), suspended);
        } else {
            around.reverse().verify(address).thenAccept(name -> channel.eventLoop().execute(() -> decide(new Coming(channel, client, sent, open), name, suspended)));
        }
    }

    /// A client that nothing has been said to yet.
    ///
    /// @param open connections of its address, this one included
    private record Coming(SocketChannel channel, InetSocketAddress client, byte[] sent, int open) {}

    private void decide(Coming coming, ReverseName reverse, boolean suspended) {
        Settings settings = around.settings().get();
        InetSocketAddress client = coming.client();
        Optional<Domain> host = reverse instanceof ReverseName.Named(Domain name, boolean _) ? Optional.of(name) : Optional.empty();
        boolean verified = reverse instanceof ReverseName.Named(Domain _, boolean confirmed) && confirmed;
        PeerFacts facts = PeerFacts.of(listener.name(), client.getAddress().getAddress(), verified ? host : Optional.empty());
        Icid icid = around.spool().takeIcid();
        InjectionEvent.Opened opened = new InjectionEvent.Opened(around.clock().instant(), icid, listener.name(), coming.channel().localAddress().getAddress().getHostAddress(),
                client.getAddress().getHostAddress(), host.map(Domain::name), verified);
        if (suspended) {
            opened(coming, opened);
            refuse(coming.channel(), OurReplies.SHUTTING_DOWN);
            return;
        }
        AccessDecision decision = AccessRules.decide(facts, settings.senderGroups());
        switch (decision) {
            case AccessDecision.Relay(String group, String _, MailFlowPolicy policy) ->
                    admit(coming, settings, new Peer(icid, listener.name(), client, host, facts, group, policy, List.of()), opened, decision);
            case AccessDecision.Accept(String group, String _, MailFlowPolicy policy) ->
                    admit(coming, settings, new Peer(icid, listener.name(), client, host, facts, group, policy, List.of()), opened, decision);
            case AccessDecision.Reject _ -> {
                decided(coming, opened, decision);
                refuse(coming.channel(), OurReplies.ACCESS_REJECTED);
            }
            case AccessDecision.TcpRefuse _ -> {
                decided(coming, opened, decision);
                coming.channel().close();
            }
        }
    }

    private void opened(Coming coming, InjectionEvent.Opened opened) {
        around.events().on(opened);
        coming.channel().closeFuture().addListener(_ -> {
            InboundHandler conversation = coming.channel().pipeline().get(InboundHandler.class);
            if (conversation != null) {
                conversation.ended();   // what it has to tell comes first
            }
            around.events().on(new InjectionEvent.Closed(around.clock().instant(), opened.icid(), listener.name()));
        });
    }

    private void decided(Coming coming, InjectionEvent.Opened opened, AccessDecision decision) {
        opened(coming, opened);
        around.events().on(new InjectionEvent.AccessDecided(around.clock().instant(), opened.icid(), decision.access(), decision.group(), decision.match()));
    }

    /// Whom the policy has no room for is refused; a flood of such is not told one by one.
    private void admit(Coming coming, Settings settings, Peer peer, InjectionEvent.Opened opened, AccessDecision decision) {
        if (coming.open() > peer.policy().limits().connections()) {
            shared.counts().limited(peer.address().getAddress(), peer.policy().limits().connections());
            refuse(coming, opened, decision, ReceivingFailure.CONNECTION_LIMIT, OurReplies.TOO_MANY_CONNECTIONS);
        } else if (!new PeerMeter(shared.rates(), peer, around.clock()).connection()) {
            refuse(coming, opened, decision, ReceivingFailure.RATE, OurReplies.CONNECTIONS_TOO_FAST);
        } else {
            decided(coming, opened, decision);
            greet(coming.channel(), settings, coming.sent(), peer);
        }
    }

    private void refuse(Coming coming, InjectionEvent.Opened opened, AccessDecision decision, ReceivingFailure why, OurReply reply) {
        if (shared.refusals().toldAlone(AddressBlock.ofClient(coming.client().getAddress().getAddress()), why)) {
            decided(coming, opened, decision);
            failed(opened.icid(), why);
        }
        refuse(coming.channel(), reply);
    }

    private void greet(SocketChannel channel, Settings settings, byte[] sent, Peer peer) {
        boolean listens = peer.policy().earlyTalkers() == EarlyTalkers.REFUSE && !implicit();
        if (listens && sent.length > 0) {
            spokeEarly(channel, peer);
        } else if (listens) {
            channel.pipeline().addLast(new Hush(around.limits().hush(), () -> converse(channel, settings, sent, peer), () -> spokeEarly(channel, peer)));
        } else {
            converse(channel, settings, sent, peer);
        }
    }

    private void spokeEarly(SocketChannel channel, Peer peer) {
        failed(peer.icid(), ReceivingFailure.EARLY_TALKER);
        refuse(channel, OurReplies.EARLY_TALKER);
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
