package org.mailrelay.bench.endtoend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One connection of a client on an event loop: says each line of its script once the reply to the one before has come.
///
/// The line `STARTTLS` is followed by a handshake. When the script has ended the connection stays as it is, and whoever waits is told.
final class Caller extends ChannelInboundHandlerAdapter {

    /// @param whenGreeted   told once, at the greeting's last line
    /// @param whenDone      told once: true behind the reply to the last line, false when the connection ended before or a reply was not positive
    record Watch(Runnable whenGreeted, Consumer<Boolean> whenDone) {}

    private final List<String> script;
    private final Optional<SslContext> tls;
    private final Watch watch;
    private final boolean leaves;
    private int next;
    private int column;
    private int first;
    private boolean last;
    private boolean told;

    /// @param leaves hangs up when it is refused; else it stays until the relay ends the connection
    Caller(List<String> script, Optional<SslContext> tls, Watch watch, boolean leaves) {
        this.script = script;
        this.tls = tls;
        this.watch = watch;
        this.leaves = leaves;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        try {
            while (bytes.isReadable()) {
                octet(context, bytes.readByte());
            }
        } finally {
            bytes.release();
        }
    }

    private void octet(ChannelHandlerContext context, byte octet) {
        if (column == 0) {
            first = octet;
        } else if (column == 3) {
            last = octet != '-';
        }
        column++;
        if (octet == '\n') {
            column = 0;
            if (last) {
                reply(context);
            }
        }
    }

    private void reply(ChannelHandlerContext context) {
        if (first != '2' && first != '3') {
            tell(false);
            if (leaves) {
                context.close();
            }
            return;
        }
        if (next == 0) {
            watch.whenGreeted().run();
        }
        if (next > 0 && script.get(next - 1).equals("STARTTLS\r\n")) {
            SslHandler handler = tls.orElseThrow().newHandler(context.alloc());
            context.pipeline().addFirst(handler);
            return;
        }
        say(context.channel());
    }

    private void say(Channel channel) {
        if (next == script.size()) {
            tell(true);
        } else {
            channel.writeAndFlush(Unpooled.wrappedBuffer(script.get(next++).getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    private void tell(boolean success) {
        if (!told) {
            told = true;
            watch.whenDone().accept(success);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                say(context.channel());
            } else {
                context.close();
            }
        } else if (event instanceof ChannelInputShutdownEvent) {
            tell(false);   // the relay has hung up; this half stays open
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        tell(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
