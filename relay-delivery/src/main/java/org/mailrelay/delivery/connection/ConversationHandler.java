package org.mailrelay.delivery.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.CommandText;
import org.mailrelay.core.smtp.ProtocolError;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.smtp.ReplyReader;
import org.mailrelay.core.smtp.ReplyResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.delivery.conversation.Exchange;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Opening;
import org.mailrelay.delivery.conversation.PeerOffer;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.TlsChannel;

/// Performs the actions of one conversation on its event loop, with one deadline for whatever is awaited. It decides nothing.
final class ConversationHandler extends ChannelInboundHandlerAdapter {

    private final Connector.Surroundings around;
    private final ConnectionPlan plan;
    private final Dcid dcid;
    private final TransactionSource source;
    private final Opening opening;
    private final Handle handle = new Handle();
    private final ReplyReader replies = new ReplyReader(false);

    private @Nullable Channel channel;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> deadline;
    private Opening.State state;
    private @Nullable PeerOffer offer;
    private @Nullable Transaction transaction;
    private @Nullable Exchange exchange;
    private @Nullable BodySender body;
    private boolean sendingBody;
    private int carried;
    private boolean leaving;
    private boolean over;
    private volatile boolean finishing;
    private boolean opened;

    ConversationHandler(Connector.Surroundings around, ConnectionPlan plan, Dcid dcid, TransactionSource source) {
        this.around = around;
        this.plan = plan;
        this.dcid = dcid;
        this.source = source;
        this.opening = new Opening(plan.key().terms());
        this.state = opening.start().state();
    }

    OutboundConnection connection() {
        return handle;
    }

    void begin(Channel connecting) {
        channel = connecting;
    }

    /// The connect attempt failed.
    void unreachable(Throwable cause) {
        fail(new HostFailure.Unreachable(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()), false);
        end();
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        channel = active.channel();
        opened = true;
        around.log().opened(about());
        perform(opening.start());
    }

    @Override
    public void channelRead(ChannelHandlerContext active, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (leaving) {
                active.close();   // the answer to QUIT, or what nobody asked for
            } else if (!over) {
                read(in.nioBuffer());
            }
        } finally {
            ReferenceCountUtil.release(in);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext active) {
        active.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext active) {
        if (body != null && active.channel().isWritable() && sendingBody) {
            await(Stage.CONTENT);
            body.pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext active) {
        lost("connection closed by the host");
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext active, Throwable cause) {
        lost(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        active.close();
    }

    /// What follows a complete reply when none is owed belongs to nobody: the connection is out of step (R-RPL-6), unless it
    /// is the 421 of a host that closes.
    private void read(ByteBuffer in) {
        while (in.hasRemaining() && !over && !leaving) {
            boolean owed = owesReply();
            switch (replies.read(in)) {
                case ReplyResult.NeedMore _ -> { }
                case ReplyResult.Complete(Reply reply) when owed -> answered(reply, in.hasRemaining());
                case ReplyResult.Complete(Reply reply) when reply.code() == 421 -> closing(reply);
                case ReplyResult.Complete _ -> outOfStep(ProtocolError.UNEXPECTED_BYTES.words());
                case ReplyResult.Broken broken -> outOfStep(broken.error().words());
            }
        }
    }

    private void answered(Reply reply, boolean more) {
        if (exchange != null) {
            boolean surplus = more && exchange.repliesOwed() == 1;
            Exchange.Action next = exchange.on(reply);
            if (!surplus) {
                perform(next);
            } else if (next instanceof Exchange.Action.Done(TransactionResult result, _)) {
                settle(result);
                leave(false);
            } else {
                outOfStep(ProtocolError.UNEXPECTED_BYTES.words());
            }
            return;
        }
        boolean startsTls = state.stage() == Stage.STARTTLS;
        if (more && reply.code() != 421) {
            // RFC 3207 §4.2: octets behind the 220 must never reach the protocol inside TLS
            outOfStep((startsTls ? ProtocolError.INJECTED_RESPONSE : ProtocolError.UNEXPECTED_BYTES).words());
            return;
        }
        perform(opening.onReply(state, reply));
    }

    private void perform(Opening.Step step) {
        state = step.state();
        Optional<TlsChannel> agreed = step.notes().stream().anyMatch(Note.TlsSucceeded.class::isInstance) ? agreed() : Optional.empty();
        for (Note note : step.notes()) {
            around.log().noted(about(), note, agreed.map(TlsChannel::protocol).orElse(""), agreed.map(TlsChannel::cipher).orElse(""));
        }
        switch (step.action()) {
            case Opening.Action.Send(byte[] line) -> {
                await(state.stage());
                context().writeAndFlush(Unpooled.wrappedBuffer(line));
            }
            case Opening.Action.Await _ -> await(state.stage());
            case Opening.Action.Handshake _ -> handshake();
            case Opening.Action.Ready(PeerOffer peer) -> {
                offer = peer;
                source.ready(handle);
                pull();
            }
            case Opening.Action.Leave(HostFailure why, boolean quit) -> fail(why, quit);
        }
    }

    private void perform(Exchange.Action action) {
        switch (action) {
            case Exchange.Action.Send(List<byte[]> lines) -> {
                await(Objects.requireNonNull(exchange).stage());
                ByteBuf group = context().alloc().buffer(lines.stream().mapToInt(l -> l.length).sum());
                lines.forEach(group::writeBytes);
                context().writeAndFlush(group);
            }
            case Exchange.Action.Await _ -> await(Objects.requireNonNull(exchange).stage());
            case Exchange.Action.SendContent _ -> {
                sendingBody = true;
                body = new BodySender(context(), Objects.requireNonNull(transaction).body(), around.bodyReaders(), this::bodySent, this::damaged);
                await(Stage.CONTENT);
                body.pump();
            }
            case Exchange.Action.Done(TransactionResult result, boolean keep) -> {
                settle(result);
                if (keep && !over) {
                    pull();
                } else {
                    leave(false);
                }
            }
        }
    }

    private void bodySent() {
        sendingBody = false;
        await(Stage.END_OF_DATA);
    }

    /// The final dot is withheld: a damaged spool never becomes a delivered message.
    private void damaged(IOException unreadable) {
        lost("content unreadable: " + unreadable.getMessage());
        context().close();
    }

    /// The TLS handler has the deadline, so that silence is a failed handshake like any other.
    private void handshake() {
        cancelDeadline();
        var requirement = plan.key().terms().tls().requirement();
        SslHandler tls = around.tls().handler(context().alloc(), requirement, plan.key().minimum(), plan.key().host(),
                plan.key().peer().getPort(), plan.timeouts().of(Stage.HANDSHAKE));
        context().pipeline().addFirst("tls", tls);
        tls.handshakeFuture().addListener(done -> {
            if (over || leaving) {
                return;
            }
            if (done.isSuccess()) {
                perform(opening.onHandshake(state, around.checks().check(requirement, ClientTls.agreed(tls).chain())));
            } else {
                String why = done.cause().getMessage();
                perform(opening.onHandshake(state, new HandshakeResult.Failed(why == null ? done.cause().getClass().getSimpleName() : why)));
            }
        });
    }

    private Optional<TlsChannel> agreed() {
        SslHandler tls = context().pipeline().get(SslHandler.class);
        return tls == null ? Optional.empty() : Optional.of(ClientTls.agreed(tls));
    }

    /// Asks the source for the next message, on the event loop; with none, waits for [OutboundConnection#wake].
    private void pull() {
        if (over || leaving || exchange != null || offer == null) {
            return;
        }
        if (finishing || carried >= plan.messagesPerConnection()) {
            leave(true);
            return;
        }
        if (replies.midReply()) {
            outOfStep(ProtocolError.UNEXPECTED_BYTES.words());
            return;
        }
        Optional<Transaction> next = source.next(handle);
        if (next.isEmpty()) {
            await(Stage.IDLE);
            return;
        }
        carried++;
        transaction = next.get();
        exchange = new Exchange(next.get(), offer);
        around.log().deliveryStarted(about(), next.get().mid(), next.get());
        perform(exchange.start());
    }

    private void settle(TransactionResult result) {
        Transaction done = Objects.requireNonNull(transaction);
        if (body != null) {
            body.stop();
        } else {
            done.body().close();
        }
        transaction = null;
        exchange = null;
        body = null;
        sendingBody = false;
        source.settled(handle, done, result);
    }

    private void closing(Reply reply) {
        if (exchange != null) {
            settle(exchange.lost(currentStage(), reply.toString()));
        } else if (offer == null) {
            fail(new HostFailure.Refused(state.stage(), reply), false);
            return;
        }
        leave(false);
    }

    private void outOfStep(String detail) {
        if (exchange != null) {
            settle(exchange.lost(currentStage(), detail));
        } else if (offer == null) {
            fail(new HostFailure.OutOfStep(state.stage(), detail), false);
            return;
        }
        leave(false);
    }

    private void lost(String detail) {
        if (over || leaving) {
            return;
        }
        if (exchange != null) {
            settle(exchange.lost(currentStage(), detail));
            leaving = true;
        } else if (offer == null) {
            fail(new HostFailure.Lost(state.stage(), detail), false);
        }
    }

    private void fail(HostFailure why, boolean quit) {
        if (over || leaving) {
            return;
        }
        if (!(why instanceof HostFailure.AgainstPolicy)) {
            around.log().failed(about(), why);
        }
        source.failed(handle, why);
        leave(quit);
    }

    /// QUIT's answer changes nothing (R-TXN-8): it is not waited for longer than its stage allows.
    private void leave(boolean quit) {
        leaving = true;
        if (context == null) {
            return;
        }
        if (quit && context.channel().isActive()) {
            await(Stage.QUIT);
            context.writeAndFlush(Unpooled.wrappedBuffer(CommandText.line("QUIT"))).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        } else {
            context.close();
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        cancelDeadline();
        if (opened) {
            around.log().closed(about());
        }
        source.closed(handle);
    }

    private void await(Stage stage) {
        cancelDeadline();
        long millis = (stage == Stage.IDLE ? plan.idle() : plan.timeouts().of(stage)).toMillis();
        deadline = context().executor().schedule(() -> expired(stage), millis, TimeUnit.MILLISECONDS);
    }

    private void expired(Stage stage) {
        if (stage == Stage.IDLE) {
            if (exchange == null) {
                leave(true);
            }
            return;
        }
        lost("timeout");
        context().close();
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private boolean owesReply() {
        return exchange != null ? exchange.repliesOwed() > 0 && !sendingBody
                : offer == null && state.stage() != Stage.HANDSHAKE;
    }

    /// While content is under way the host's answer to it is owed, but nothing was accepted: the dot is not sent.
    private Stage currentStage() {
        return sendingBody ? Stage.CONTENT : Objects.requireNonNull(exchange).stage();
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    private ConnectionLog.About about() {
        return new ConnectionLog.About(around.clock().instant(), dcid, plan.destination(), plan.hostName(), plan.key().peer(), handle.local());
    }

    private final class Handle implements OutboundConnection {
        @Override
        public Dcid dcid() {
            return dcid;
        }

        @Override
        public ConnectionPlan plan() {
            return plan;
        }

        @Override
        public InetSocketAddress local() {
            Channel known = channel;
            return known != null && known.localAddress() instanceof InetSocketAddress bound ? bound
                    : plan.key().source().map(address -> new InetSocketAddress(address, 0)).orElseGet(() -> new InetSocketAddress(0));
        }

        @Override
        public void wake() {
            Channel known = Objects.requireNonNull(channel);
            known.eventLoop().execute(ConversationHandler.this::pull);
        }

        @Override
        public void finish() {
            finishing = true;
            wake();
        }
    }
}
