package org.mailrelay.core.settings;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mailrelay.core.mail.Domain;

/// A virtual gateway (`delivery.source_addresses`): whence connections come, and who they say they are.
///
/// @param addresses   local ones; none leaves the choice to the system
/// @param hostname    said in EHLO; empty: the relay's
/// @param connections at once through this gateway; empty: no limit of its own
/// @param recipientRate of all that leaves by it
public record Gateway(String name, List<InetAddress> addresses, Optional<Domain> hostname, OptionalInt connections, Optional<RecipientRate> recipientRate) {

    /// The one that is used where none is named.
    public static final String DEFAULT = "default";

    public Gateway {
        addresses = List.copyOf(addresses);
    }

    public Gateway(String name, List<InetAddress> addresses, Optional<Domain> hostname, OptionalInt connections) {
        this(name, addresses, hostname, connections, Optional.empty());
    }

    public static Gateway auto(String name) {
        return new Gateway(name, List.of(), Optional.empty(), OptionalInt.empty());
    }

    /// Its addresses of the peer's family.
    public List<InetAddress> facing(InetAddress peer) {
        return addresses.stream().filter(own -> own instanceof Inet6Address == peer instanceof Inet6Address).toList();
    }

    /// False where a connection to this peer could not come from it.
    public boolean reaches(InetAddress peer) {
        return addresses.isEmpty() || !facing(peer).isEmpty();
    }
}
