package org.mailrelay.app.tlscheck;

import java.time.Duration;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What the command was asked.
///
/// @param sender   the sender's domain, for routes by sender
/// @param mx       a host name or an address to ask in place of the domain's hosts
/// @param patience most that any step may take
public record Question(Domain domain, Optional<Domain> sender, Optional<String> mx, Family family, Duration patience) {

    public enum Family { ANY, IPV4, IPV6 }
}
