package org.mailrelay.core.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;

/// The order in which a host's addresses are tried.
public final class AddressOrder {

    /// Of one host.
    public static final int MAX_ADDRESSES = 5;

    private AddressOrder() {}

    /// The preferred family first; the last place is kept for the other family, so that a host with many broken addresses of one
    /// is still reached over the other.
    public static List<InetAddress> order(List<InetAddress> found, IpPreference preference, RandomGenerator random) {
        List<InetAddress> six = new ArrayList<>();
        List<InetAddress> four = new ArrayList<>();
        new LinkedHashSet<>(found).forEach(address -> (address instanceof Inet6Address ? six : four).add(address));
        Collections.shuffle(six, random);
        Collections.shuffle(four, random);
        return switch (preference) {
            case V6_PREFERRED -> join(six, four);
            case V4_PREFERRED -> join(four, six);
            case V6_REQUIRED -> join(six, List.of());
            case V4_REQUIRED -> join(four, List.of());
        };
    }

    private static List<InetAddress> join(List<InetAddress> first, List<InetAddress> second) {
        int most = second.isEmpty() ? MAX_ADDRESSES : MAX_ADDRESSES - 1;
        List<InetAddress> ordered = new ArrayList<>(first.subList(0, Math.min(most, first.size())));
        ordered.addAll(second.subList(0, Math.min(MAX_ADDRESSES - ordered.size(), second.size())));
        return List.copyOf(ordered);
    }
}
