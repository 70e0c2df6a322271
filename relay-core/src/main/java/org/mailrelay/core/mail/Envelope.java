package org.mailrelay.core.mail;

import java.util.List;

/// Whom a message is from and to, and what its sender asked for. The index of a recipient in the list is its RID in mail_logs.
public record Envelope(ReversePath sender, List<Recipient> recipients, MailParameters parameters) {

    public Envelope {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("an envelope without recipients");
        }
    }

    /// A message of which only the addresses were said.
    public static Envelope of(ReversePath sender, List<Mailbox> recipients) {
        return of(sender, recipients, BodyType.SEVEN_BIT);
    }

    public static Envelope of(ReversePath sender, List<Mailbox> recipients, BodyType body) {
        return new Envelope(sender, recipients.stream().map(Recipient::of).toList(), MailParameters.of(body));
    }

    public Recipient recipient(int rid) {
        return recipients.get(rid);
    }

    public Mailbox mailbox(int rid) {
        return recipients.get(rid).mailbox();
    }

    public List<Mailbox> mailboxes() {
        return recipients.stream().map(Recipient::mailbox).toList();
    }

    public BodyType bodyType() {
        return parameters.body();
    }
}
