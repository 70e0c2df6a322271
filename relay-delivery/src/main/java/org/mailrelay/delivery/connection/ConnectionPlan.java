package org.mailrelay.delivery.connection;

import java.time.Duration;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.delivery.conversation.Timeouts;

/// One connection to make.
///
/// @param destination           the recipient domain, for the log
/// @param messagesPerConnection after so many the connection says QUIT
/// @param idle                  how long a connection waits for its next message
public record ConnectionPlan(ConnectionKey key, Domain destination, Timeouts timeouts, int messagesPerConnection, Duration idle) {

    public ConnectionPlan {
        if (messagesPerConnection < 1) {
            throw new IllegalArgumentException("messages per connection: " + messagesPerConnection);
        }
    }

    /// The host's name as the log shows it; its address where it has none.
    public String hostName() {
        return key.host().map(Domain::name).orElse(key.peer().getAddress().getHostAddress());
    }
}
