package org.mailrelay.app.serve;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.mail.Domain;

/// Domains whose hosts did not meet the policy of late: their MTA-STS policy may be outdated, and is fetched anew before the next attempt (RFC 8461
/// §5.1). Bounded: a doubt that is forgotten costs a later fetch.
final class PolicyDoubts implements EventSink {

    private static final int MOST = 1_000;

    private final Set<Domain> doubted = ConcurrentHashMap.newKeySet();

    @Override
    public void on(MailEvent event) {
        if (event instanceof DeliveryEvent.PolicyUnmet unmet && doubted.size() < MOST) {
            doubted.add(unmet.connection().domain());
        }
    }

    /// Whether there is a doubt; then it is settled.
    boolean settle(Domain domain) {
        return doubted.remove(domain);
    }
}
