package org.mailrelay.core.delivery;

import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Reply;

/// What a transaction came to for one recipient.
public sealed interface Fact {
    record Accepted(Reply reply) implements Fact {}

    /// A reply of 4yz or 5yz, or one that came where none of its kind may.
    record Refused(Reply reply, Moment moment) implements Fact {}

    /// The host took the message for others and has no room for this recipient in the same transaction.
    record TooMany(Reply reply) implements Fact {}

    /// The host cannot take this message.
    ///
    /// @param elsewhere another host of the destination may
    record Unfit(EnhancedCode code, String words, boolean elsewhere) implements Fact {}

    /// The connection ended before an answer; the host has nothing.
    record Lost(String detail) implements Fact {}

    /// The connection ended after the final dot; the host may have the message.
    ///
    /// @param accepted the host had said yes to this recipient
    record Ambiguous(String detail, boolean accepted) implements Fact {}

    /// What a refusal answered.
    enum Moment {
        MAIL,
        RCPT,
        /// DATA or the end of data.
        DATA
    }
}
