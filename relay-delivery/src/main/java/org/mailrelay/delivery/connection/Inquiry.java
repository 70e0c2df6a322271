package org.mailrelay.delivery.connection;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Circumstances;
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

    public static Inquiry of(HostQuestion asked) {
        Set<String> names = new LinkedHashSet<>(asked.entry().identity().tlsNames());
        names.add(asked.recipientDomain().name());
        asked.hostName().map(Domain::name).ifPresent(names::add);
        return new Inquiry(Circumstances.of(asked), asked.entry().identity().trust(), List.copyOf(names));
    }
}
