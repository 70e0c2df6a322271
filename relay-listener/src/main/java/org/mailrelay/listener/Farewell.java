package org.mailrelay.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.smtp.OurReply;

/// The last reply of a connection. A socket closed over unread octets is reset, and the client may never see the reply: so our half
/// is shut first, and what still comes is read and dropped until the client closes or the time is up.
final class Farewell {

    private Farewell() {
    }

    static void say(Channel channel, OurReply reply, Duration parting) {
        channel.config().setAutoRead(true);
        channel.writeAndFlush(Unpooled.wrappedBuffer(reply.wire())).addListener(written -> {
            if (!written.isSuccess() || !(channel instanceof SocketChannel socket) || channel.pipeline().get(SslHandler.class) != null) {
                channel.close();
            } else {
                socket.shutdownOutput();
            }
        });
        var end = channel.eventLoop().schedule(() -> channel.close(), parting.toMillis(), TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(_ -> end.cancel(false));
    }
}
