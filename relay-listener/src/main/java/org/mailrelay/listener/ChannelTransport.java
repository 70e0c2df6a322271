package org.mailrelay.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.apache.james.protocols.api.ProtocolSession;
import org.apache.james.protocols.api.ProtocolTransport;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.LineHandler;
import org.mailrelay.core.auth.ChannelBinding;

/// A Netty channel as James's session sees it. Lines come to the dispatcher from [InboundHandler] alone, so none can be diverted.
record ChannelTransport(SocketChannel channel, boolean tlsOffered, String id) implements ProtocolTransport {

    @Override
    public InetSocketAddress getRemoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return channel.localAddress();
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isTLSStarted() {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    @Override
    public boolean isStartTLSSupported() {
        return tlsOffered;
    }

    @Override
    public Optional<SSLSession> getSSLSession() {
        return Optional.ofNullable(channel.pipeline().get(SslHandler.class)).map(handler -> handler.engine().getSession());
    }

    /// RFC 5929 §4.1: the hash of our certificate, by its signature's digest, SHA-256 where that is weaker.
    ChannelBinding binding() {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        Certificate[] ours = handler == null ? null : handler.engine().getSession().getLocalCertificates();
        return ours == null || ours.length == 0 ? ChannelBinding.NONE : EndPointHash.of((X509Certificate) ours[0]);
    }

    @Override
    public boolean isProxyRequired() {
        return false;
    }

    /// Without a flush: that comes once for all replies of a group (RFC 2920 §3.2).
    @Override
    public void writeResponse(Response response, ProtocolSession session) {
        channel.write(Unpooled.wrappedBuffer(((Reaction) response).reply().wire()));
    }

    @Override
    public void popLineHandler() {
        throw new IllegalStateException("no line handler was pushed");
    }

    @Override
    public void pushLineHandler(LineHandler<? extends ProtocolSession> handler, ProtocolSession session) {
        throw new IllegalStateException("lines have one reader");
    }

    @Override
    public void setReadable(boolean readable) {
        channel.config().setAutoRead(readable);
    }

    @Override
    public boolean isReadable() {
        return channel.config().isAutoRead();
    }
}
