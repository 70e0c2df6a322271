package org.mailrelay.net.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Stands before the TLS handler of a connection that we accept, and turns away a client that means to speak another protocol.
///
/// RFC 7301 §3.2: a ClientHello that names application protocols, and not `smtp`, is answered with the fatal alert
/// no_application_protocol. A browser that was led to our port (a cross-protocol attack) always names its own; mail clients name
/// none. The handler leaves the pipeline behind the first ClientHello, whose octets go on to the TLS handler untouched.
public final class AlpnGuard extends SslClientHelloHandler<Boolean> {

    private static final byte[] SMTP = "smtp".getBytes(StandardCharsets.US_ASCII);
    /// alert, TLS 1.2 record version, two octets: fatal, no_application_protocol.
    private static final byte[] ALERT = {21, 3, 3, 0, 2, 2, 120};
    private static final int ALPN = 16;
    /// Octets of a ClientHello: with the keys of post-quantum groups it has some two thousand, and a ticket of ours holds the certificates that the client showed before. As many as it
    /// announces are set aside for it at once, for whoever connects.
    private static final int LONGEST_HELLO = 32 * 1024;

    public AlpnGuard() {
        super(LONGEST_HELLO);
    }

    @Override
    protected Future<Boolean> lookup(ChannelHandlerContext context, @Nullable ByteBuf clientHello) {
        return context.executor().newSucceededFuture(clientHello == null || welcome(clientHello));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext context, Future<Boolean> welcome) {
        if (welcome.isSuccess() && welcome.getNow()) {
            context.pipeline().remove(this);
        } else {
            context.writeAndFlush(Unpooled.wrappedBuffer(ALERT)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// What cannot be read is left to the TLS handler, which refuses it with the proper alert.
    static boolean welcome(ByteBuf hello) {
        ByteBuf in = hello.duplicate();
        if (!skip(in, 34) || !skipVector(in, 1) || !skipVector(in, 2) || !skipVector(in, 1) || !skip(in, 2)) {
            return true;   // version and random, session id, cipher suites, compression, length of the extensions
        }
        while (in.readableBytes() >= 4) {
            int type = in.readUnsignedShort();
            int length = in.readUnsignedShort();
            if (length > in.readableBytes()) {
                return true;
            }
            if (type == ALPN) {
                return names(in.readSlice(length));
            }
            in.skipBytes(length);
        }
        return true;
    }

    private static boolean names(ByteBuf list) {
        if (!skip(list, 2)) {
            return true;
        }
        while (list.isReadable()) {
            int length = list.readUnsignedByte();
            if (length > list.readableBytes()) {
                return true;
            }
            if (list.readSlice(length).equals(Unpooled.wrappedBuffer(SMTP))) {
                return true;
            }
        }
        return false;
    }

    private static boolean skip(ByteBuf in, int count) {
        if (in.readableBytes() < count) {
            return false;
        }
        in.skipBytes(count);
        return true;
    }

    private static boolean skipVector(ByteBuf in, int sizeOctets) {
        if (in.readableBytes() < sizeOctets) {
            return false;
        }
        return skip(in, sizeOctets == 1 ? in.readUnsignedByte() : in.readUnsignedShort());
    }
}
