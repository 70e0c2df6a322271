package org.mailrelay.core.path;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.Domain;

/// To whom a host belongs, as far as its name and its address tell. Two hosts are unrelated when both differ: what one operator does to all its hosts, or one
/// provider to its network, is not what happens to everybody at once.
///
/// @param family  the part of the host's name that somebody has registered; the address where it has no name
/// @param network the first 24 bits of an IPv4 address, 48 of an IPv6 one
public record Affiliation(String family, String network) {

    /// Second labels under which names are registered, below a top label of two letters: `co.uk`, `com.au`. A name too many in one family errs on the side of
    /// hosts that are related.
    private static final Set<String> REGISTRIES = Set.of("ac", "co", "com", "edu", "gob", "gouv", "gov", "go", "mil", "ne", "net", "nom", "or", "org");

    public static Affiliation of(Optional<Domain> host, InetAddress address) {
        byte[] octets = address.getAddress();
        String network = HexFormat.of().formatHex(Arrays.copyOf(octets, octets.length == 4 ? 3 : 6));
        return new Affiliation(host.map(name -> family(name.name())).orElse(network), network);
    }

    private static String family(String name) {
        String[] labels = name.split("\\.");
        int last = labels.length - 1;
        boolean registry = last >= 2 && labels[last].length() == 2 && REGISTRIES.contains(labels[last - 1]);
        return String.join(".", Arrays.copyOfRange(labels, Math.max(0, registry ? last - 2 : last - 1), labels.length));
    }

    /// How many of them have nothing to do with each other: each family and each network counts once.
    static int unrelated(Collection<Affiliation> all) {
        Set<String> families = new HashSet<>();
        Set<String> networks = new HashSet<>();
        int count = 0;
        for (Affiliation each : all) {
            if (!families.contains(each.family) && !networks.contains(each.network)) {
                families.add(each.family);
                networks.add(each.network);
                count++;
            }
        }
        return count;
    }
}
