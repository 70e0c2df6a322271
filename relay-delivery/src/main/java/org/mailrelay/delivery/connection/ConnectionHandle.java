package org.mailrelay.delivery.connection;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Dcid;

/// The connection as its source holds it. Any thread.
final class ConnectionHandle implements OutboundConnection {

    private final ConnectionPlan plan;
    private final Dcid dcid;
    private final Runnable pull;
    private final Runnable giveUp;
    private final AtomicBoolean waking = new AtomicBoolean();
    private volatile @Nullable Channel channel;
    private volatile boolean finishing;

    /// @param pull   run on the event loop
    /// @param giveUp run on the event loop
    ConnectionHandle(ConnectionPlan plan, Dcid dcid, Runnable pull, Runnable giveUp) {
        this.plan = plan;
        this.dcid = dcid;
        this.pull = pull;
        this.giveUp = giveUp;
    }

    /// Told before the source learns of the connection.
    void of(Channel connecting) {
        channel = connecting;
    }

    boolean finishing() {
        return finishing;
    }

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

    /// Never runs at once, even on the event loop: the caller may hold a lock. Calls that overtake each other count as one.
    @Override
    public void wake() {
        if (waking.compareAndSet(false, true)) {
            Objects.requireNonNull(channel).eventLoop().execute(() -> {
                waking.set(false);
                pull.run();
            });
        }
    }

    @Override
    public void finish() {
        finishing = true;
        wake();
    }

    @Override
    public void abandon() {
        Objects.requireNonNull(channel).eventLoop().execute(giveUp);
    }

    /// Ends an attempt to connect.
    void drop() {
        Objects.requireNonNull(channel).close();
    }
}
