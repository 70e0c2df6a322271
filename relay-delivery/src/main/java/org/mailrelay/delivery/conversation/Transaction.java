package org.mailrelay.delivery.conversation;

import java.util.List;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;

/// One message for some of its recipients, to be sent over one connection.
///
/// @param trueSize    what SIZE= declares: octets without stuffing and final dot, our own fields included (RFC 1870 §3)
/// @param stuffedDots in the body; with 0 the same octets serve BDAT
/// @param body        opened for this transaction; the connection closes it in every case
public record Transaction(Mid mid, ReversePath sender, List<Addressee> recipients, long trueSize, long stuffedDots, boolean eightBit, WireBody body) {

    /// @param rid the recipient's index in the message's envelope
    public record Addressee(int rid, Mailbox mailbox) {}

    public Transaction {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a transaction without recipients");
        }
    }
}
