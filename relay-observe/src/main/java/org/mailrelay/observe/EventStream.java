package org.mailrelay.observe;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands every event to every reader, in order. A reader that throws has a bug: it is reported and the others go on.
public final class EventStream implements EventSink {

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

    private final List<EventSink> readers;
    private final AtomicLong failures = new AtomicLong();

    public EventStream(List<EventSink> readers) {
        this.readers = List.copyOf(readers);
    }

    @Override
    public void on(MailEvent event) {
        for (EventSink reader : readers) {
            try {
                reader.on(event);
            } catch (RuntimeException bug) {
                if (failures.getAndIncrement() == 0) {
                    LOG.error("a reader of events failed on {}; later failures are only counted", event.getClass().getName(), bug);
                }
            }
        }
    }

    /// How often a reader threw.
    public long failures() {
        return failures.get();
    }
}
