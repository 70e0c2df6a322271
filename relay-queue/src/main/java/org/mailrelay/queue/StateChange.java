package org.mailrelay.queue;

import org.mailrelay.core.mail.Mid;

/// A recipient's new state. Once all of a message's recipients are in a final one, the message leaves the spool.
///
/// @param recipient index in the envelope (the RID of mail_logs)
public record StateChange(Mid mid, int recipient, RecipientState state) {
}
