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
public record Gateway(String name, List<InetAddress> addresses, Optional<Domain> hostname, Limits limits) {

    /// Of all that leaves by it, beside those of the destinations: the smaller of two holds. Empty: none of its own.
    ///
    /// @param connections           at once
    /// @param messagesPerConnection then the connection is closed
    /// @param recipientsPerMessage  the others follow in further transactions
    public record Limits(OptionalInt connections, OptionalInt messagesPerConnection, OptionalInt recipientsPerMessage, Optional<RecipientRate> recipientRate) {

        public static final Limits NONE = new Limits(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

        public Limits connections(OptionalInt most) {
            return new Limits(most, messagesPerConnection, recipientsPerMessage, recipientRate);
        }

        public Limits messagesPerConnection(OptionalInt most) {
            return new Limits(connections, most, recipientsPerMessage, recipientRate);
        }

        public Limits recipientsPerMessage(OptionalInt most) {
            return new Limits(connections, messagesPerConnection, most, recipientRate);
        }

        public Limits recipientRate(Optional<RecipientRate> most) {
            return new Limits(connections, messagesPerConnection, recipientsPerMessage, most);
        }
    }

    /// The one that is used where none is named.
    public static final String DEFAULT = "default";

    public Gateway {
        addresses = List.copyOf(addresses);
    }

    public static Gateway auto(String name) {
        return new Gateway(name, List.of(), Optional.empty(), Limits.NONE);
    }

    /// @param ofDestination what the destination's own policy allows
    public int messagesPerConnection(int ofDestination) {
        return Math.min(ofDestination, limits.messagesPerConnection().orElse(ofDestination));
    }

    /// A message of more recipients than a rate has in all would wait until nothing else is counted.
    ///
    /// @param ofDestination what the destination's own policy allows
    public int recipientsPerMessage(int ofDestination) {
        int most = Math.min(ofDestination, limits.recipientsPerMessage().orElse(ofDestination));
        return Math.min(most, limits.recipientRate().map(RecipientRate::recipients).orElse(most));
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
