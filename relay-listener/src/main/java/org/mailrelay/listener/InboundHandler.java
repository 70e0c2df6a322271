package org.mailrelay.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.auth.SaslStep;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.listener.auth.Authentication;
import org.mailrelay.net.tls.ServerTls;

/// One connection's bytes: lines to the [Session], content to the message, replies out. All on the connection's event loop.
///
/// LINE reads commands, CONTENT what follows 354, CHUNK what follows BDAT, PAUSED nothing: a message waits for its sync, and what the client has sent meanwhile
/// stays in the buffer, at most [#MOST_WAITING] octets before reading stops.
final class InboundHandler extends ChannelInboundHandlerAdapter {

    private static final int MOST_WAITING = 64 * 1024;

    private enum State { LINE, CONTENT, CHUNK, PAUSED, LEAVING }

    private final ListenerSurroundings around;
    private final Session session;
    private final LineIntake lines;
    private final Acceptance acceptance;
    private final Authentication authentication;
    private final Inbox inbox = new Inbox();
    private State state = State.LINE;
    private final Patience patience;
    private final ContentIntake intake;
    private final Handshake handshake;
    private boolean draining;
    private boolean over;
    /// What has come of a large body waits for the disk.
    private boolean waitsForDisk;
    private @Nullable Future<?> timer;

    InboundHandler(ListenerSurroundings around, Session session, Shared shared, Acceptance acceptance, Optional<ServerTls> tls) {
        this.around = around;
        this.session = session;
        this.lines = new LineIntake(session, inbox, shared.dispatcher());
        this.acceptance = acceptance;
        this.authentication = shared.authentication();
        this.patience = new Patience(around.limits(), System.nanoTime());
        this.intake = new ContentIntake(session, inbox, patience);
        this.handshake = new Handshake(around, session, tls);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        watch(context);
    }

    /// One timer a connection, set again only when it has fired.
    private void watch(ChannelHandlerContext context) {
        timer = context.executor().schedule(() -> outOfPatience(context), Math.max(1, patience.deadline() - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void outOfPatience(ChannelHandlerContext context) {
        if (state == State.LEAVING) {
            return;
        }
        if (waitsForDisk) {
            patience.contentAwaited(System.nanoTime());
        } else if (state == State.PAUSED) {
            patience.commandAwaited(System.nanoTime());   // it is the client who waits
        } else if (System.nanoTime() - patience.deadline() >= 0) {
            if (patience.inContent()) {
                session.receivingFailed(InjectionEvent.ReceivingFailure.TOO_SLOW);
            }
            session.forget();
            leave(context, OurReplies.IDLE_TOO_LONG);
            return;
        }
        watch(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        try {
            if (state != State.LEAVING) {
                inbox.keep(bytes);
                process(context);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
        rest();
    }

    private void rest() {
        inbox.rest(state != State.LEAVING && (state != State.LINE || session.message().isPresent()));
    }

    private void process(ChannelHandlerContext context) {
        boolean more = true;
        while (more && !inbox.isEmpty() && context.channel().isWritable()) {
            more = switch (state) {
                case LINE -> line(context);
                case CONTENT -> came(context, intake.content());
                case CHUNK -> came(context, intake.chunk());
                case PAUSED, LEAVING -> false;
            };
        }
        if (inbox.isEmpty()) {
            inbox.dropAll();
        }
        waitsForDisk = (state == State.CONTENT || state == State.CHUNK) && isBehind(context);
        context.channel().config().setAutoRead(state == State.LEAVING || inbox.count() < MOST_WAITING && !waitsForDisk && context.channel().isWritable());
    }

    /// A large body comes faster than the disk takes it: the client is not to feel it in other ways than by its connection.
    private boolean isBehind(ChannelHandlerContext context) {
        return session.message().filter(message -> message.isBehind(() -> context.executor().execute(() -> roomAgain(context)))).isPresent();
    }

    private void roomAgain(ChannelHandlerContext context) {
        if (waitsForDisk && state != State.LEAVING) {
            patience.contentAwaited(System.nanoTime());
            process(context);
            context.flush();
        }
    }

    /// A client that does not read our replies gets no further commands carried out until it does.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable() && state != State.LEAVING) {
            process(context);
            context.flush();
        }
    }

    /// @return false when there is no whole line
    private boolean line(ChannelHandlerContext context) {
        Reaction next = lines.next();
        if (next != null) {
            act(context, next);
        }
        return next != null;
    }

    /// @return true when more of the inbox can be dealt with
    private boolean came(ChannelHandlerContext context, ContentIntake.Came what) {
        return switch (what) {
            case PART -> false;
            case CHUNK -> {
                state = State.LINE;
                act(context, session.counts().judge(new Reaction.Answer(intake.underWay().reply())));
                yield true;
            }
            case MESSAGE -> store(context);
            case TOO_MUCH -> {
                session.receivingFailed(InjectionEvent.ReceivingFailure.MESSAGE_SIZE);
                session.forget();
                leave(context, OurReplies.TOO_LARGE);
                yield false;
            }
        };
    }

    private boolean store(ChannelHandlerContext context) {
        state = State.PAUSED;
        acceptance.accept(session, session.take(), context.executor(), reply -> resume(context, reply));
        return state == State.LINE;
    }

    private void resume(ChannelHandlerContext context, OurReply reply) {
        if (state != State.PAUSED) {
            return;
        }
        state = State.LINE;
        patience.commandAwaited(System.nanoTime());
        if (reply.positive()) {
            patience.messageTaken(System.nanoTime());
        }
        if (reply.positive()) {
            write(context, reply);
        } else {
            act(context, session.counts().judge(new Reaction.Answer(reply)));
        }
        if (state != State.LINE) {
            return;
        }
        if (draining) {
            leave(context, OurReplies.SHUTTING_DOWN);
            return;
        }
        process(context);
        context.flush();
        rest();
    }

    /// The client's response is judged elsewhere; nothing further is read until then.
    private void prove(ChannelHandlerContext context, Proof proof, byte[] response) {
        state = State.PAUSED;
        authentication.step(proof.exchange(), response, session.peer().address().getAddress(),
                (step, senders) -> context.executor().execute(() -> judged(context, proof, step, senders)));
    }

    private void judged(ChannelHandlerContext context, Proof proof, SaslStep step, List<String> senders) {
        if (state != State.PAUSED) {
            return;
        }
        state = State.LINE;
        act(context, session.identity().proven(proof, step, senders));
        if (draining && state == State.LINE) {
            leave(context, OurReplies.SHUTTING_DOWN);
            return;
        }
        process(context);
        context.flush();
    }

    private void act(ChannelHandlerContext context, Reaction reaction) {
        switch (reaction) {
            case Reaction.Answer(OurReply reply) -> {
                patience.commandAwaited(System.nanoTime());
                write(context, reply);
            }
            case Reaction.TakeContent(OurReply reply) -> {
                patience.contentAwaited(System.nanoTime());
                write(context, reply);
                state = State.CONTENT;
            }
            case Reaction.TakeChunk begun -> {
                state = State.CHUNK;
                came(context, intake.begin(begun));
            }
            case Reaction.Prove(Proof proof, byte[] response) -> prove(context, proof, response);
            case Reaction.StartTls(OurReply reply) -> startTls(context, reply);
            case Reaction.Leave(OurReply reply) -> leave(context, reply);
        }
    }

    /// RFC 3207 §4.2: what stands in the clear behind STARTTLS was put there by somebody else, and is never executed.
    private void startTls(ChannelHandlerContext context, OurReply reply) {
        if (!inbox.isEmpty()) {
            session.receivingFailed(InjectionEvent.ReceivingFailure.EARLY_TALKER);
            leave(context, OurReplies.EARLY_TALKER);
            return;
        }
        handshake.begin(context, reply);
    }

    private void write(ChannelHandlerContext context, OurReply reply) {
        context.write(Unpooled.wrappedBuffer(reply.wire()));
    }

    /// For the relay's end: a client that is sending a message, or waits for its answer, gets that answer first.
    void drain(ChannelHandlerContext context) {
        draining = true;
        if (state == State.LINE) {
            session.forget();
            leave(context, OurReplies.SHUTTING_DOWN);
        }
    }

    void leave(ChannelHandlerContext context, OurReply reply) {
        state = State.LEAVING;
        inbox.dropAll();
        Farewell.say(context.channel(), reply, around.limits().parting());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        switch (event) {
            case SslHandshakeCompletionEvent ended when ended.isSuccess() -> secured(context, handshake.succeeded(context));
            case SslHandshakeCompletionEvent ended -> {
                handshake.failed(ended.cause());
                context.close();
            }
            default -> super.userEventTriggered(context, event);
        }
    }

    /// Who a certificate names is looked up elsewhere; nothing further is read until then.
    private void secured(ChannelHandlerContext context, Handshake.Shown shown) {
        switch (shown) {
            case Handshake.Shown.Nothing _ -> { }
            case Handshake.Shown.Nobody _ -> recognised(context, Optional.of(List.of()));
            case Handshake.Shown.User(String name) -> {
                state = State.PAUSED;
                authentication.known(name, senders -> context.executor().execute(() -> known(context, senders)));
            }
        }
    }

    private void known(ChannelHandlerContext context, Optional<List<String>> senders) {
        if (state == State.PAUSED && context.channel().isActive()) {
            state = State.LINE;
            recognised(context, senders);
            process(context);
            context.flush();
        }
    }

    private void recognised(ChannelHandlerContext context, Optional<List<String>> senders) {
        Optional<OurReply> refusal = senders.isEmpty() ? Optional.of(OurReplies.FAULT) : session.identity().recognised(senders.get());
        if (refusal.isPresent()) {
            leave(context, refusal.get());
        } else if (draining) {
            leave(context, OurReplies.SHUTTING_DOWN);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended();
    }

    /// The connection is no more: what was open is given up and told of, before its end is. Once is enough.
    void ended() {
        if (over) {
            return;
        }
        over = true;
        boolean lost = state != State.LEAVING;
        state = State.LEAVING;   // what is still judged or stored elsewhere finds nobody
        if (timer != null) {
            timer.cancel(false);
        }
        session.forget();
        if (lost) {
            around.events().on(new InjectionEvent.Lost(around.clock().instant(), session.peer().icid()));
        }
    }

    /// What the network does is no bug; whatever else is thrown is one, and is told as such. Either way the connection ends.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), cause);
        }
        context.close();
    }
}
