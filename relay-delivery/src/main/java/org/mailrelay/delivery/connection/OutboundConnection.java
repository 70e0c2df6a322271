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
}
