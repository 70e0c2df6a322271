package org.mailrelay.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.ProxyHeader;

/// Reads the PROXY header of a connection from a named proxy, then gives way. Without one, or with one that is broken, the connection ends
/// without a word: whoever it is does not speak SMTP yet.
final class ProxyGate extends ChannelInboundHandlerAdapter {

    private final Duration patience;
    private final BiConsumer<InetSocketAddress, byte[]> then;
    private byte[] octets = new byte[ProxyHeader.MOST_OCTETS];
    private int count;
    private @Nullable Future<?> timer;

    /// @param then told who the client is, and what it has sent already
    ProxyGate(Duration patience, BiConsumer<InetSocketAddress, byte[]> then) {
        this.patience = patience;
        this.then = then;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timer = context.executor().schedule(() -> context.close(), patience.toNanos(), TimeUnit.NANOSECONDS);
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        try {
            int more = bytes.readableBytes();
            octets = Arrays.copyOf(octets, Math.max(octets.length, count + more));
            bytes.readBytes(octets, count, more);
            count += more;
        } finally {
            bytes.release();
        }
        InetSocketAddress itself = (InetSocketAddress) context.channel().remoteAddress();
        switch (ProxyHeader.read(octets, count)) {
            case ProxyHeader.Incomplete _ -> { }
            case ProxyHeader.Malformed _ -> context.close();
            case ProxyHeader.Own(int length) -> open(context, itself, length);
            case ProxyHeader.Client(byte[] address, int port, int length) -> open(context, client(address, port), length);
        }
    }

    private static InetSocketAddress client(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("4 or 16 octets", impossible);
        }
    }

    private void open(ChannelHandlerContext context, InetSocketAddress client, int length) {
        stopTimer();
        context.channel().config().setAutoRead(false);
        context.pipeline().remove(this);
        then.accept(client, Arrays.copyOfRange(octets, length, count));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopTimer();
    }

    private void stopTimer() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
    }
}
