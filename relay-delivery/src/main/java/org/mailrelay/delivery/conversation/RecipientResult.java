package org.mailrelay.delivery.conversation;

import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Reply;

/// What a transaction came to for one recipient.
public sealed interface RecipientResult {
    /// The host took the message: its reply to the end of data.
    record Delivered(Reply reply) implements RecipientResult {}

    /// The host said no, at `stage`.
    record Refused(Stage stage, Reply reply) implements RecipientResult {}

    /// Never asked: the host cannot take this message, or not for this recipient.
    ///
    /// @param elsewhere another host of the destination may
    record Unfit(EnhancedCode code, String words, boolean elsewhere) implements RecipientResult {}

    /// The connection was lost before an answer; nothing was delivered.
    record Lost(Stage stage, String detail) implements RecipientResult {}

    /// Not refused: the host takes no more recipients in this transaction, and it took the message for others. They go on at once in
    /// another one (RFC 5321 §4.5.3.1.10).
    record TooMany(Reply reply) implements RecipientResult {}

    /// Lost when the whole content had left: the host may have the message. Temporary, and it may arrive twice (RFC 1047).
    ///
    /// @param accepted the host had said yes to this recipient; where it had not, nobody may take the message for delivered
    record Ambiguous(boolean accepted, String detail) implements RecipientResult {}
}
