package org.mailrelay.core.settings;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// `routes.yaml`: where mail goes when not to its MX. A sender's route is asked before the recipient domain's.
///
/// @param all the entry `ALL`
public record RouteSettings(DomainTable<RouteEntry> senders, DomainTable<RouteEntry> domains, Optional<RouteEntry> all) {

    public static RouteSettings none() {
        return new RouteSettings(DomainTable.empty(), DomainTable.empty(), Optional.empty());
    }

    /// @param senderDomain empty for the null sender
    public Optional<RouteEntry> match(Optional<Domain> senderDomain, Domain recipientDomain) {
        return senderDomain.flatMap(senders::match).or(() -> domains.match(recipientDomain)).or(() -> all);
    }
}
