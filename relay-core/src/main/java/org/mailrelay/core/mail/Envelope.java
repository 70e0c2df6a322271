package org.mailrelay.core.mail;

import java.util.List;

/// Whom a message is from and to. The index of a recipient in the list is its RID in mail_logs.
public record Envelope(ReversePath sender, List<Mailbox> recipients, BodyType bodyType) {

    public Envelope {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("an envelope without recipients");
        }
    }
}
