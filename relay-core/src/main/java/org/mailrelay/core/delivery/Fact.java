package org.mailrelay.core.delivery;

import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Reply;

/// What a transaction came to for one recipient.
public sealed interface Fact {
    record Accepted(Reply reply) implements Fact {}

    /// @param temporary as the command that it answered makes it (RFC 5321 §4.5.3.1.10)
    record Refused(Reply reply, boolean temporary) implements Fact {}

    /// The host took the message for others and has no room for this recipient in the same transaction.
    record TooMany(Reply reply) implements Fact {}

    /// The host cannot take this message.
    record Unfit(EnhancedCode code, String words) implements Fact {}

    /// The connection ended before an answer; the host has nothing.
    record Lost(String detail) implements Fact {}

    /// The connection ended after the final dot; the host may have the message.
    record Ambiguous(String detail) implements Fact {}
}
