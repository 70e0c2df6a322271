package org.mailrelay.core.event;

/// A reader of events. Called in line by whoever made the event: does not block, does not throw.
@FunctionalInterface
public interface EventSink {

    void on(MailEvent event);
}
