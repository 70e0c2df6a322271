package org.mailrelay.delivery.connection;

import org.mailrelay.core.smtp.ProtocolError;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.delivery.conversation.Stage;

/// One stretch of a connection: the opening, then the carrying of messages. Event loop only.
sealed interface Phase permits OpeningPhase, CarryingPhase {

    /// What is under way, for its words and its limit.
    Stage stage();

    /// How many replies the host owes; what comes when it owes none belongs to nobody (R-RPL-6).
    int repliesOwed();

    /// A reply that was owed.
    ///
    /// @param more octets stand behind it already
    void answered(Reply reply, boolean more);

    /// A 421 that nothing asked for: the host shuts down (RFC 5321 §3.8).
    void closing(Reply reply);

    /// The replies broke their framing or outnumber the commands.
    void outOfStep(ProtocolError error);

    /// The connection ended or went silent.
    void lost(String detail);

    /// The channel takes octets again.
    void writable();

    /// There may be a message.
    void wake();
}
