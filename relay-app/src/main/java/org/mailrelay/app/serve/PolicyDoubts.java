package org.mailrelay.app.serve;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.mail.Domain;

/// Domains whose hosts did not meet the policy of late: their MTA-STS policy may be outdated, and is fetched anew before their mail waits (RFC 8461
/// §5.1). By a route it is the host's own name whose policy counts. Bounded: a doubt that is forgotten, the oldest first, costs a later fetch.
final class PolicyDoubts implements EventSink {

    private static final int MOST = 1_000;

    private final SequencedSet<Domain> doubted = new LinkedHashSet<>();

    @Override
    public void on(MailEvent event) {
        if (event instanceof DeliveryEvent.PolicyUnmet unmet) {
            add(unmet.connection().domain());
            Domain.parse(unmet.connection().mx()).ifPresent(this::add);
        }
    }

    private synchronized void add(Domain domain) {
        doubted.add(domain);
        if (doubted.size() > MOST) {
            doubted.removeFirst();
        }
    }

    /// Whether there is a doubt; then it is settled.
    synchronized boolean settle(Domain domain) {
        return doubted.remove(domain);
    }
}
