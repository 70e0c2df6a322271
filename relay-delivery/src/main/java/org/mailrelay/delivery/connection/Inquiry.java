package org.mailrelay.delivery.connection;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.Trust;

/// What the record of a connection is to tell, whatever its policy asks for.
///
/// @param trust the authorities that the chain is held against
/// @param names that a certificate might have to show, under this policy or another
public record Inquiry(Circumstances circumstances, Trust trust, List<String> names) {

    public Inquiry {
        names = List.copyOf(names);
    }

    /// @param via the route's host that led there
    public static Inquiry of(HostQuestion asked, Optional<RouteEntry.Host> via) {
        Set<String> names = new LinkedHashSet<>(asked.entry().identity().tlsNames());
        names.add(asked.recipientDomain().name());
        asked.hostName().map(Domain::name).ifPresent(names::add);
        return new Inquiry(Circumstances.of(asked, via), asked.entry().identity().trust(), List.copyOf(names));
    }
}
