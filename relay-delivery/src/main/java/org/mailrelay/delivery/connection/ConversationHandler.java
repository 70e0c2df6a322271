package org.mailrelay.delivery.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.mailrelay.core.smtp.ProtocolError;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.smtp.ReplyReader;
import org.mailrelay.core.smtp.ReplyResult;
import org.mailrelay.delivery.conversation.PeerOffer;
import org.mailrelay.delivery.conversation.Stage;

/// One connection's place in the pipeline: octets become replies, replies and ends go to the phase that is under way.
final class ConversationHandler extends ChannelInboundHandlerAdapter {

    private final Link link;
    private final ReplyReader replies;
    private final OpeningPhase opening;
    private Phase phase;
    private boolean over;

    ConversationHandler(Connector.Surroundings around, Connector.Order order) {
        this.link = new Link(around, order, this::wake, this::giveUp, this::expired);
        this.replies = new ReplyReader(order.plan().key().terms().strictReplies());
        this.opening = new OpeningPhase(link, this::ready);
        this.phase = opening;
    }

    OutboundConnection begin(Channel connecting) {
        link.connecting(connecting);
        return link.handle();
    }

    /// The connect attempt failed.
    void unreachable(Throwable cause) {
        opening.unreachable(cause);
        end();
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        link.connected(active);
        opening.begin();
    }

    @Override
    public void channelRead(ChannelHandlerContext active, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (link.leaving()) {
                active.close();   // the answer to QUIT, or what nobody asked for
            } else {
                read(in.nioBuffer());
            }
        } finally {
            ReferenceCountUtil.release(in);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext active) {
        if (active.channel().isWritable()) {
            phase.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext active) {
        phase.lost("connection closed by the host");
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext active, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), cause);   // a bug, not what the network does
        }
        phase.lost(Link.words(cause));
        link.leave(false);
        active.close();
    }

    /// What follows a complete reply when none is owed belongs to nobody: the connection is out of step (R-RPL-6), unless it
    /// is the 421 of a host that closes.
    private void read(ByteBuffer in) {
        while (in.hasRemaining() && !link.leaving()) {
            boolean owed = phase.repliesOwed() > 0;
            switch (replies.read(in)) {
                case ReplyResult.NeedMore _ -> { }
                case ReplyResult.Complete(Reply reply) -> {
                    link.heard(phase.stage(), reply);
                    if (owed) {
                        phase.answered(reply, in.hasRemaining());
                    } else if (reply.code() == 421) {
                        phase.closing(reply);
                    } else {
                        phase.outOfStep(ProtocolError.UNEXPECTED_BYTES);
                    }
                }
                case ReplyResult.Broken broken -> {
                    link.broke(phase.stage(), broken);
                    phase.outOfStep(broken.error());
                }
            }
        }
    }

    private void ready(PeerOffer offer) {
        phase = new CarryingPhase(link, offer, replies::midReply);
        link.source().ready(link.handle());
        phase.wake();
    }

    private void wake() {
        if (!over && !link.leaving()) {
            phase.wake();
        }
    }

    private void expired(Stage stage) {
        if (stage == Stage.IDLE) {
            link.leave(true);
            return;
        }
        if (stage != Stage.QUIT) {
            phase.lost("timeout");
            link.leave(false);
        }
        link.context().close();
    }

    private void giveUp() {
        if (over || link.leaving()) {
            return;
        }
        if (!link.hasConnected()) {
            opening.unreachable(new java.net.ConnectException("Connection timed out"));
            end();
            link.handle().drop();
            return;
        }
        switch (phase.stage()) {
            case CONTENT, END_OF_DATA -> { }
            case CONNECT, GREETING, EHLO, HELO, STARTTLS, HANDSHAKE, AUTH, AUTH_USER, AUTH_PASSWORD, IDLE, MAIL, RCPT, DATA, RSET, QUIT -> {
                phase.lost("timeout");
                link.leave(false);
            }
        }
    }

    private void end() {
        if (!over) {
            over = true;
            link.closed();
        }
    }
}
