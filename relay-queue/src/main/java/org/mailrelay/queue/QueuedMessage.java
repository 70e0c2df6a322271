package org.mailrelay.queue;

import java.util.List;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mid;

/// A message that is on disk.
///
/// @param bodyLength octets of the wire form, without the prologue
/// @param states     by recipient, at the time of asking; the words of their reasons may stand on the disk
public record QueuedMessage(Mid mid, Envelope envelope, Origin origin, Content content, byte[] prologue, long bodyLength, List<RecipientState> states) {

    public QueuedMessage {
        states = List.copyOf(states);
    }
}
