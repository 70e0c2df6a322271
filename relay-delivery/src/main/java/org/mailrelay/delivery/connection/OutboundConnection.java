package org.mailrelay.delivery.connection;

import java.net.InetSocketAddress;
import org.mailrelay.core.mail.Dcid;

/// A connection as its source sees it. Safe from any thread.
public interface OutboundConnection {
    Dcid dcid();

    ConnectionPlan plan();

    InetSocketAddress local();

    /// There may be a message: an idle connection asks its source again, a busy one does so anyway.
    void wake();

    /// Take no further message; QUIT after the one under way.
    void finish();

    /// Gives up what has not come to sending content yet, as if it had taken too long; what has is left to its own limits, because a message must not
    /// arrive twice for want of patience.
    void abandon();
}
