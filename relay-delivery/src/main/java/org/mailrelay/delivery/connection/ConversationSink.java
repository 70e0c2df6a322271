package org.mailrelay.delivery.connection;

import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Transcript;

/// Gets what was said on connections that came to nothing. Called on event loops; must not block or throw.
@FunctionalInterface
public interface ConversationSink {

    /// @param transcript not written any more
    void failed(ConnectionLog.About about, HostFailure why, Transcript transcript);
}
