package org.mailrelay.delivery.connection;

import java.net.InetAddress;
import org.mailrelay.core.path.PathVerdict;
import org.mailrelay.core.path.Showing;

/// Is told what every connection shows of its host's TLS, and judges the path by all of it. Called on event loops; must not block or throw.
@FunctionalInterface
public interface PathWatch {

    /// Takes every path for good.
    PathWatch NONE = (_, _, _) -> new PathVerdict.Trusted();

    /// @param source our address on this connection
    PathVerdict seen(ConnectionPlan plan, InetAddress source, Showing showing);
}
