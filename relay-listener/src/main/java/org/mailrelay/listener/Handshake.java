package org.mailrelay.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.net.tls.AlpnGuard;
import org.mailrelay.net.tls.CipherNames;
import org.mailrelay.net.tls.HandshakeFailures;
import org.mailrelay.net.tls.ServerTls;

/// TLS of one connection: begins it, tells how it went, and finds what the client has shown. On the connection's event loop.
final class Handshake {

    private final ListenerSurroundings around;
    private final Session session;
    private final Optional<ServerTls> tls;
    /// With the connection, or with the answer to STARTTLS.
    private long from = System.nanoTime();

    Handshake(ListenerSurroundings around, Session session, Optional<ServerTls> tls) {
        this.around = around;
        this.session = session;
        this.tls = tls;
    }

    /// @param reply to STARTTLS: the last octets in the clear
    void begin(ChannelHandlerContext context, OurReply reply) {
        SslHandler handler = tls.orElseThrow().handler(context.alloc(), session.identity().asksForCertificate(), true, around.limits().handshake());
        context.pipeline().addFirst(new AlpnGuard(), handler);
        context.writeAndFlush(Unpooled.wrappedBuffer(reply.wire()));
        from = System.nanoTime();
        session.secured();
    }

    /// Who the client is by what it has shown.
    sealed interface Shown {

        /// Nothing was asked for.
        record Nothing() implements Shown {}

        /// No certificate, or nobody's.
        record Nobody() implements Shown {}

        record User(String name) implements Shown {}
    }

    Shown succeeded(ChannelHandlerContext context) {
        SslHandler handler = context.pipeline().get(SslHandler.class);
        SSLSession established = handler.engine().getSession();
        around.events().on(new InjectionEvent.TlsSucceeded(around.clock().instant(), session.peer().icid(), established.getProtocol(),
                CipherNames.openSsl(established.getCipherSuite()), took()));
        if (!session.identity().asksForCertificate()) {
            return new Shown.Nothing();
        }
        return session.identity().certified(tls.orElseThrow().certificate(handler)).<Shown>map(Shown.User::new).orElseGet(Shown.Nobody::new);
    }

    void failed(Throwable cause) {
        around.events().on(new InjectionEvent.TlsFailed(around.clock().instant(), session.peer().icid(), HandshakeFailures.of(cause).detail(), took()));
    }

    private Duration took() {
        return Duration.ofNanos(System.nanoTime() - from);
    }
}
