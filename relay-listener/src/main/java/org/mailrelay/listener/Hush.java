package org.mailrelay.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Listens for a moment before the greeting: an SMTP client is silent until it was greeted (RFC 5321 §3.1). What comes is dropped.
final class Hush extends ChannelInboundHandlerAdapter {

    private final Duration moment;
    private final Runnable silent;
    private final Runnable early;
    private boolean over;

    Hush(Duration moment, Runnable silent, Runnable early) {
        this.moment = moment;
        this.silent = silent;
        this.early = early;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> end(context, silent), moment.toNanos(), TimeUnit.NANOSECONDS);
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ReferenceCountUtil.release(read);
        end(context, early);
    }

    private void end(ChannelHandlerContext context, Runnable then) {
        if (!over && context.channel().isActive()) {
            over = true;
            context.channel().config().setAutoRead(false);
            context.pipeline().remove(this);
            then.run();
        }
    }
}
