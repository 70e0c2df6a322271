package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.List;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;

/// Recipients of a message that wait together, as `queue` and `show` tell of them.
///
/// @param next   the next attempt; in the past for what only waits for a connection
/// @param reason why they were not delivered yet; empty before the first attempt
public record QueueEntry(Mid mid, ReversePath sender, Domain domain, List<Integer> rids, List<Mailbox> recipients, Instant received, long bytes, int attempts,
        Instant next, String reason, boolean underWay) {

    public QueueEntry {
        rids = List.copyOf(rids);
        recipients = List.copyOf(recipients);
    }
}
