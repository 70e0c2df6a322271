package org.mailrelay.listener;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;

/// How many connections each address has open; holds only addresses that have one.
final class PeerCounts {

    private final ConcurrentHashMap<InetAddress, Integer> open = new ConcurrentHashMap<>();

    /// @return the number, this one included
    int opened(InetAddress address) {
        return open.merge(address, 1, Integer::sum);
    }

    void closed(InetAddress address) {
        open.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
}
