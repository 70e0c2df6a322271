package org.mailrelay.app.serve;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.mailrelay.delivery.engine.DeliveryEngine;
import org.mailrelay.delivery.engine.QueueEntry;

/// So many messages of a list in order of MID, each with all of its entries, and what there is to say below them.
final class Page implements Predicate<QueueEntry> {

    private final long most;
    private final Consumer<QueueEntry> line;
    private long messages;
    private long recipients;
    private long last = -1;
    private boolean cut;

    /// @param most messages
    /// @param line prints an entry
    Page(long most, Consumer<QueueEntry> line) {
        this.most = most;
        this.line = line;
    }

    /// @return false when the page is full and there is more
    @Override
    public boolean test(QueueEntry entry) {
        if (entry.mid().value() != last) {
            cut = messages == most;
            if (cut) {
                return false;
            }
            messages++;
            last = entry.mid().value();
        }
        recipients += entry.rids().size();
        line.accept(entry);
        return true;
    }

    DeliveryEngine.Count shown() {
        return new DeliveryEngine.Count(messages, recipients);
    }

    boolean cut() {
        return cut;
    }

    /// The MID of the last message that is shown; 0 for none.
    long last() {
        return Math.max(0, last);
    }
}
