package org.mailrelay.listener;

import org.mailrelay.queue.QueuedMessage;

/// Who takes a message once it is on disk: the delivery engine.
@FunctionalInterface
public interface Intake {

    /// Called on the spool's thread, before the client is answered; must not block.
    void queued(QueuedMessage message);
}
