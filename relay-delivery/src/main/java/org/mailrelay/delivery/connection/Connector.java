package org.mailrelay.delivery.connection;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;

/// Opens connections to mail hosts. Safe from any thread; never blocks.
public final class Connector {

    /// Enough to keep a fast host busy, little enough that a slow one costs no memory.
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    /// @param blocking reads the files of authorities; virtual threads
    /// @param readers  read bodies
    public record Surroundings(EventLoops loops, ClientTls tls, PeerChecks checks, ConnectionLog log, InstantSource clock, Executor blocking, BodyReaders readers, PathWatch path) {

        /// With nobody who watches the path.
        public Surroundings(EventLoops loops, ClientTls tls, PeerChecks checks, ConnectionLog log, InstantSource clock, Executor blocking, BodyReaders readers) {
            this(loops, tls, checks, log, clock, blocking, readers, PathWatch.NONE);
        }

        /// The same, watched.
        public Surroundings watchedBy(PathWatch watch) {
            return new Surroundings(loops, tls, checks, log, clock, blocking, readers, watch);
        }

        /// One kind of threads for both, plenty of memory, and nobody who watches the path.
        public Surroundings(EventLoops loops, ClientTls tls, PeerChecks checks, ConnectionLog log, InstantSource clock, Executor threads) {
            this(loops, tls, checks, log, clock, threads, new BodyReaders(threads, Runtime.getRuntime().maxMemory()), PathWatch.NONE);
        }
    }

    /// One connection to make.
    ///
    /// @param source     is told everything that follows
    /// @param transcript keeps what is said
    /// @param sink       gets it when the connection comes to nothing
    public record Order(ConnectionPlan plan, Dcid dcid, TransactionSource source, Transcript transcript, ConversationSink sink) {
        public Order(ConnectionPlan plan, Dcid dcid, TransactionSource source, Transcript transcript) {
            this(plan, dcid, source, transcript, (_, _, _) -> { });
        }
    }

    private final Surroundings around;
    private final Optional<ConversationSink> sink;

    public Connector(Surroundings around) {
        this(around, Optional.empty());
    }

    /// @param sink gets the beginning of conversations that fail; with none nothing is kept of what is said
    public Connector(Surroundings around, Optional<ConversationSink> sink) {
        this.around = around;
        this.sink = sink;
    }

    /// Tries one connection. Everything that follows is told to `source`, refusals and timeouts too.
    public OutboundConnection open(ConnectionPlan plan, Dcid dcid, TransactionSource source) {
        return open(sink.map(some -> new Order(plan, dcid, source, Transcript.opening(), some)).orElseGet(() -> new Order(plan, dcid, source, Transcript.none())));
    }

    public OutboundConnection open(Order order) {
        ConnectionPlan plan = order.plan();
        TlsRequirement requirement = plan.key().terms().tls().requirement();
        if (!requirement.enforced().isEmpty() || !requirement.observed().isEmpty()) {
            around.blocking().execute(() -> around.checks().prepare(requirement));   // done long before the handshake is
        }
        if (plan.inquiry().isPresent() && requirement.encryption() != TlsRequirement.Encryption.NEVER) {
            around.blocking().execute(() -> around.checks().prepare(plan.inquiry().get().trust()));
        }
        ConversationHandler handler = new ConversationHandler(around, order);
        Bootstrap bootstrap = new Bootstrap()
                .group(around.loops().group())
                .channel(around.loops().clientChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) plan.timeouts().of(Stage.CONNECT).toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .handler(handler);
        plan.key().source().ifPresent(address -> {
            around.loops().portLater(bootstrap);
            bootstrap.localAddress(new InetSocketAddress(address, 0));
        });
        ChannelFuture connecting = bootstrap.connect(plan.key().peer());
        OutboundConnection connection = handler.begin(connecting.channel());
        connecting.addListener(_ -> {
            if (!connecting.isSuccess()) {
                handler.unreachable(connecting.cause());
            }
        });
        return connection;
    }
}
