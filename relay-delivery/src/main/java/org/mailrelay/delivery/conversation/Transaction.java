package org.mailrelay.delivery.conversation;

import java.time.Instant;
import java.util.List;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;

/// One message for some of its recipients, to be sent over one connection.
///
/// @param parameters what the sender asked for; the host is told as much of it as it understands
/// @param begun      what is left of a `BY=` is counted from here
/// @param body       opened for this transaction; the connection closes it in every case
public record Transaction(Mid mid, ReversePath sender, MailParameters parameters, List<Addressee> recipients, Content content, Instant begun, WireBody body) {

    /// @param rid the recipient's index in the message's envelope
    public record Addressee(int rid, Recipient recipient) {

        public Mailbox mailbox() {
            return recipient.mailbox();
        }
    }

    public Transaction {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a transaction without recipients");
        }
    }
}
