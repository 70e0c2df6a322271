package org.mailrelay.delivery.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;

/// A connection without a socket: the test is the network. What is written stays in the pieces in which it was flushed.
final class WiredConnection {

    static final String OFFERS = "250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n";

    /// Octets behind which a channel takes no more.
    private static final int MOST_UNSENT = 64 * 1024;
    private static final EventLoops LOOPS = EventLoops.open(1);   // never used: the channel has its own

    final EmbeddedChannel channel;
    final Transcript transcript = Transcript.keep();
    final OutboundConnection connection;
    final RecordingLog log = new RecordingLog();

    WiredConnection(TlsLevel level, boolean strictReplies, int messages, TransactionSource source) {
        Encryption encryption = level == TlsLevel.NONE ? Encryption.NEVER : level.required() ? Encryption.ALWAYS : Encryption.IF_OFFERED;
        HostTerms tls = new HostTerms(TlsRequirement.of(encryption), new TlsRule(level, "conf/destinations.yaml:1", "default"), false, false, TlsReason.POLICY_NONE, false);
        Terms terms = new Terms("relay.example.net", EhloReading.STRICT, strictReplies, tls, Optional.empty());
        ConnectionPlan plan = new ConnectionPlan(new ConnectionKey(Optional.empty(), new InetSocketAddress("192.0.2.1", 25), terms, Optional.of(Domain.of("mx1.example.com")),
                TlsVersion.TLS_1_2), Domain.of("example.com"), Timeouts.STANDARD, messages, Duration.ofSeconds(5));
        Connector.Surroundings around = new Connector.Surroundings(LOOPS, new ClientTls(TlsProvider.AUTO), new PeerChecks(InstantSource.system()), log,
                InstantSource.system(), Runnable::run);
        ConversationHandler handler = new ConversationHandler(around, new Connector.Order(plan, new Dcid(30), source, transcript));
        channel = new EmbeddedChannel();
        connection = handler.begin(channel);
        channel.pipeline().addLast(handler);
        handler.channelActive(channel.pipeline().context(handler));
    }

    /// The host says these octets (ISO-8859-1) in one segment.
    WiredConnection hears(String octets) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(octets, StandardCharsets.ISO_8859_1));
        }
        channel.runPendingTasks();
        return this;
    }

    /// What was written since the last call, one element a write.
    List<String> said() {
        List<String> pieces = new ArrayList<>();
        for (ByteBuf piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
            pieces.add(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        return pieces;
    }

    /// From here on the host reads nothing, and the socket is full: what is written stays where it is.
    void stuck() {
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            private final Queue<ByteBuf> kept = new ArrayDeque<>();
            private int size;

            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                ByteBuf octets = (ByteBuf) message;
                kept.add(octets);
                size += octets.readableBytes();
                if (size > MOST_UNSENT) {
                    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
                }
            }

            @Override
            public void handlerRemoved(ChannelHandlerContext context) {
                kept.forEach(ByteBuf::release);
            }
        });
    }

    /// Past greeting and EHLO.
    WiredConnection opened() {
        hears("220 mx\r\n").hears(OFFERS);
        return this;
    }

    void waits(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    void end() {
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        channel.checkException();
    }
}
