package org.mailrelay.delivery.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.CommandText;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.smtp.ReplyResult;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.net.tls.TlsChannel;

/// What both phases of a connection share: the socket, the deadline, the facts, the way out. Event loop only.
final class Link {

    private static final byte[] QUIT = CommandText.line("QUIT");

    private final Connector.Surroundings around;
    private final ConnectionPlan plan;
    private final Dcid dcid;
    private final TransactionSource source;
    private final Transcript transcript;
    private final ConversationSink sink;
    private final String hostName;
    private final ConnectionHandle handle;
    private final Deadline deadline;
    private final StageTimes.Watch watch = new StageTimes.Watch(StageTimes.Stage.CONNECT, Ticker.systemTicker().nanoTime());
    private @Nullable ChannelHandlerContext context;
    private @Nullable Outgoing out;
    private ConnectionLog.@Nullable Ends ends;
    private Duration opening = Duration.ZERO;
    private boolean leaving;

    /// @param pull    run on the event loop when the source has woken the connection
    /// @param giveUp  run on the event loop when the source has lost its patience
    /// @param expired told when a stage has taken too long
    Link(Connector.Surroundings around, Connector.Order order, Runnable pull, Runnable giveUp, Consumer<Stage> expired) {
        this.around = around;
        this.plan = order.plan();
        this.hostName = plan.hostName();
        this.dcid = order.dcid();
        this.source = order.source();
        this.transcript = order.transcript();
        this.sink = order.sink();
        this.handle = new ConnectionHandle(plan, dcid, pull, giveUp);
        this.deadline = new Deadline(expired);
    }

    void connecting(Channel channel) {
        handle.of(channel);
    }

    void connected(ChannelHandlerContext active) {
        context = active;
        handle.of(active.channel());   // on loopback this may come before the call to connect has returned
        out = new Outgoing(active);
        ends = ConnectionLog.Ends.of(plan.key().peer(), handle.local());
        around.log().opened(about());
    }

    boolean hasConnected() {
        return context != null;
    }

    Connector.Surroundings around() {
        return around;
    }

    ConnectionPlan plan() {
        return plan;
    }

    TransactionSource source() {
        return source;
    }

    /// What was said is shown as long as all of it was kept.
    void cameToNothing(HostFailure why) {
        if (transcript.keeps()) {
            sink.failed(about(), why, transcript);
        }
    }

    void heard(Stage stage, Reply reply) {
        if (transcript.keeps()) {
            transcript.heard(encrypted(), stage, reply);
        }
    }

    void broke(Stage stage, ReplyResult.Broken what) {
        if (transcript.keeps()) {
            transcript.broke(encrypted(), stage, what);
        }
    }

    void agreed(TlsChannel channel) {
        if (transcript.keeps()) {
            transcript.encrypted(channel);
        }
    }

    ConnectionHandle handle() {
        return handle;
    }

    ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    Outgoing out() {
        return Objects.requireNonNull(out);
    }

    private boolean encrypted() {
        return context().pipeline().get("tls") != null;
    }

    /// Adds lines to the group; [Outgoing#flush] sends it.
    void say(List<byte[]> lines) {
        for (byte[] line : lines) {
            say(line);
        }
    }

    void say(byte[] line) {
        if (transcript.keeps()) {
            transcript.said(encrypted(), line);
        }
        out().add(line);
    }

    /// A line that no transcript may hold.
    void saySecret(byte[] line) {
        if (transcript.keeps()) {
            transcript.saidSecret(encrypted());
        }
        out().add(line);
    }

    void await(Stage stage) {
        time(stage);
        deadline.set(context().executor(), stage, stage == Stage.IDLE ? plan.idle().after(opening) : plan.timeouts().of(stage));
    }

    /// The handshake: its handler has the limit.
    void awaitHandshake() {
        time(Stage.HANDSHAKE);
        deadline.clear();
    }

    private void time(Stage stage) {
        long now = now();
        switch (stage) {
            case CONNECT -> watch.enter(StageTimes.Stage.CONNECT, now);
            case GREETING -> watch.enter(StageTimes.Stage.GREETING, now);
            case EHLO, HELO -> watch.enter(StageTimes.Stage.EHLO, now);
            case STARTTLS -> watch.enter(StageTimes.Stage.STARTTLS, now);
            case HANDSHAKE -> watch.enter(StageTimes.Stage.HANDSHAKE, now);
            case AUTH, AUTH_USER, AUTH_PASSWORD -> watch.enter(StageTimes.Stage.AUTH, now);
            case MAIL -> watch.enter(StageTimes.Stage.MAIL, now);
            case RCPT -> watch.enter(StageTimes.Stage.RCPT, now);
            case DATA -> watch.enter(StageTimes.Stage.DATA, now);
            case CONTENT -> watch.enter(StageTimes.Stage.CONTENT, now);
            case END_OF_DATA -> watch.enter(StageTimes.Stage.END_OF_DATA, now);
            case RSET -> watch.enter(StageTimes.Stage.RSET, now);
            case IDLE, QUIT -> watch.end(now);
        }
    }

    /// The loop's own clock, as the deadline's.
    private long now() {
        return context == null ? Ticker.systemTicker().nanoTime() : context.executor().ticker().nanoTime();
    }

    /// How long the stages took since this was last asked.
    StageTimes took() {
        return watch.take(now());
    }

    /// What it cost to open decides how long it is kept without mail.
    void opened(StageTimes took) {
        opening = took.total();
    }

    boolean leaving() {
        return leaving;
    }

    /// QUIT's answer changes nothing (R-TXN-8): it is not waited for longer than its stage allows.
    void leave(boolean quit) {
        if (leaving) {
            return;
        }
        leaving = true;
        if (context == null) {
            return;
        }
        if (quit && context.channel().isActive()) {
            await(Stage.QUIT);
            say(QUIT);
            out().flush();
        } else {
            out().release();
            context.close();
        }
    }

    void closed() {
        leaving = true;
        deadline.clear();
        boolean opened = out != null;
        if (opened) {
            out().release();
        }
        source.closed(handle, () -> {
            if (opened) {
                around.log().closed(about());
            }
        });
    }

    ConnectionLog.About about() {
        ConnectionLog.Ends known = ends != null ? ends : ConnectionLog.Ends.of(plan.key().peer(), handle.local());
        return new ConnectionLog.About(around.clock().instant(), dcid, plan.destination(), hostName, known);
    }

    static String words(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
