package org.mailrelay.core.smtp;

/// What [ReplyReader] makes of the octets it was given.
public sealed interface ReplyResult {

    /// All octets were taken and the reply is not complete.
    record NeedMore() implements ReplyResult {
        static final NeedMore INSTANCE = new NeedMore();
    }

    /// A whole reply. What the buffer still holds belongs to nobody, unless further replies are owed (R-RPL-5, R-RPL-6).
    record Complete(Reply reply) implements ReplyResult {
    }

    /// The connection is out of step for good.
    ///
    /// @param detail the offending octets, escaped, at most 200 characters; may be empty
    record Broken(ProtocolError error, String detail) implements ReplyResult {
    }
}
