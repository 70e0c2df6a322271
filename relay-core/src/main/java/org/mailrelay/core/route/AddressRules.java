package org.mailrelay.core.route;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;

/// Which addresses mail may be sent to. DNS is in strangers' hands: it must not lead us to our own machine.
///
/// An IPv4 address inside IPv6 (mapped, compatible, NAT64, 6to4) is judged as what it leads to.
///
/// @param refused what `refuse_addresses` lists
/// @param own     addresses and ports that we listen on; a wildcard stands for every loopback address
public record AddressRules(Set<RefusedRange> refused, Set<InetSocketAddress> own) {

    private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

    public AddressRules {
        refused = Set.copyOf(refused);
        own = Set.copyOf(own);
    }

    public sealed interface Verdict {
        record Allowed() implements Verdict {}

        record Refused(RefusedRange why) implements Verdict {}
    }

    /// @param byRoute a host of `routes.yaml`: the operator may name any address but our own
    public Verdict judge(InetAddress address, int port, boolean byRoute) {
        byte[] octets = innermost(address.getAddress());
        Optional<RefusedRange> range = octets.length == 4 ? rangeOfFour(octets) : rangeOfSix(octets);
        if (refused.contains(RefusedRange.OWN) && isOurs(octets, port, range)) {
            return new Verdict.Refused(RefusedRange.OWN);
        }
        return range.filter(r -> !byRoute && refused.contains(r)).<Verdict>map(Verdict.Refused::new).orElseGet(Verdict.Allowed::new);
    }

    private boolean isOurs(byte[] octets, int port, Optional<RefusedRange> range) {
        boolean local = range.equals(Optional.of(RefusedRange.LOOPBACK)) || range.equals(Optional.of(RefusedRange.UNSPECIFIED));
        return own.stream().filter(us -> us.getPort() == port && !us.isUnresolved())
                .anyMatch(us -> us.getAddress().isAnyLocalAddress() ? local : Arrays.equals(innermost(us.getAddress().getAddress()), octets));
    }

    /// The IPv4 address that an IPv6 one carries (RFC 4291 §2.5.5, RFC 6052 §2.1, RFC 3056 §2), else the address itself.
    private static byte[] innermost(byte[] octets) {
        if (octets.length == 4) {
            return octets;
        }
        boolean zeros = allZero(octets, 10);
        boolean mapped = zeros && octets[10] == -1 && octets[11] == -1;
        boolean compatible = allZero(octets, 12) && !allZero(octets, 15);
        if (mapped || compatible || Arrays.equals(octets, 0, 12, NAT64, 0, 12)) {
            return Arrays.copyOfRange(octets, 12, 16);
        }
        boolean sixToFour = octets[0] == 0x20 && octets[1] == 0x02;
        return sixToFour ? Arrays.copyOfRange(octets, 2, 6) : octets;
    }

    private static Optional<RefusedRange> rangeOfFour(byte[] octets) {
        int first = octets[0] & 255;
        int second = octets[1] & 255;
        if (first == 0) {
            return Optional.of(RefusedRange.UNSPECIFIED);
        }
        if (first == 127) {
            return Optional.of(RefusedRange.LOOPBACK);
        }
        if (first == 169 && second == 254) {
            return Optional.of(RefusedRange.LINK_LOCAL);
        }
        if (first >= 224) {
            return Optional.of(RefusedRange.MULTICAST);   // and broadcast, and what nobody may use
        }
        boolean shared = first == 100 && (second & 0xc0) == 64;
        boolean inside = first == 10 || first == 172 && (second & 0xf0) == 16 || first == 192 && second == 168;
        return inside || shared ? Optional.of(RefusedRange.PRIVATE) : Optional.empty();
    }

    private static Optional<RefusedRange> rangeOfSix(byte[] octets) {
        if (allZero(octets, 15)) {
            return octets[15] == 0 ? Optional.of(RefusedRange.UNSPECIFIED) : octets[15] == 1 ? Optional.of(RefusedRange.LOOPBACK) : Optional.empty();
        }
        int first = octets[0] & 255;
        int second = octets[1] & 255;
        if (first == 0xff) {
            return Optional.of(RefusedRange.MULTICAST);
        }
        if (first == 0xfe && (second & 0x80) != 0) {
            return Optional.of((second & 0x40) == 0 ? RefusedRange.LINK_LOCAL : RefusedRange.PRIVATE);
        }
        return (first & 0xfe) == 0xfc ? Optional.of(RefusedRange.PRIVATE) : Optional.empty();
    }

    private static boolean allZero(byte[] octets, int count) {
        for (int i = 0; i < count; i++) {
            if (octets[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
