package org.mailrelay.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailrelay.core.access.AddressBlock;

/// How many connections each client has open ([AddressBlock#ofClient]), and all of them together; holds only addresses that have one. Any thread.
final class PeerCounts {

    /// Descriptors that are never a client's: deliveries, the spool's files, logs.
    private static final int RESERVED = 2_000;

    /// @param most what the address was last told it may have
    private record Count(int open, int most) {}

    private final ConcurrentHashMap<AddressBlock, Count> counts = new ConcurrentHashMap<>();
    private final AtomicInteger total = new AtomicInteger();
    private final int room;

    PeerCounts() {
        this(roomFor(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system ? system.getMaxFileDescriptorCount() : Integer.MAX_VALUE));
    }

    /// @param room for all clients together
    PeerCounts(int room) {
        this.room = room;
    }

    /// @param descriptors that the process may have
    static int roomFor(long descriptors) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(descriptors / 2, descriptors - RESERVED));
    }

    /// @return the number, this one included
    int opened(InetAddress address) {
        total.incrementAndGet();
        return counts.merge(client(address), new Count(1, Integer.MAX_VALUE), (old, _) -> new Count(old.open + 1, old.most)).open;
    }

    void closed(InetAddress address) {
        total.decrementAndGet();
        counts.computeIfPresent(client(address), (_, count) -> count.open == 1 ? null : new Count(count.open - 1, count.most));
    }

    /// Those that an address has now.
    int open(InetAddress address) {
        Count count = counts.get(client(address));
        return count == null ? 0 : count.open;
    }

    /// The address has more than that, and is told so.
    void limited(InetAddress address, int most) {
        counts.computeIfPresent(client(address), (_, count) -> new Count(count.open, most));
    }

    /// Whether a new connection gets no word, not even a refusal: an address that was told its limit holds twice as many, or there is no room
    /// for anybody. A refused connection lasts until its client leaves or some seconds have passed; a flood of them would take the descriptors that all need.
    ///
    /// @param open those of the address, the new one included
    boolean overrun(InetAddress address, int open) {
        Count count = counts.get(client(address));
        return total.get() > room || count != null && open / 2 >= count.most;
    }

    private static AddressBlock client(InetAddress address) {
        return AddressBlock.ofClient(address.getAddress());
    }
}
