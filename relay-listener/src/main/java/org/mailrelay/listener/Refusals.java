package org.mailrelay.listener;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.event.SystemEvent;

/// What is told of connections that are turned away for being too many or coming too fast. Of each address the first in a minute are told by themselves;
/// of the rest there is a count at the minute's end: a flood of connections is none of lines. Any thread; bounded.
final class Refusals {

    static final Duration INTERVAL = Duration.ofMinutes(1);
    /// By themselves, of one address in one interval.
    static final int TOLD = 10;
    /// Addresses with figures of their own; all others share one.
    static final int MOST_ADDRESSES = 100;
    private static final String OTHERS = "other addresses";

    private record Key(String address, ReceivingFailure why) {}

    private final Map<Key, Long> counts = new LinkedHashMap<>();
    private final EventSink events;
    private final InstantSource clock;
    private final Consumer<Runnable> afterInterval;

    /// @param afterInterval runs it once [#INTERVAL] has passed
    Refusals(EventSink events, InstantSource clock, Consumer<Runnable> afterInterval) {
        this.events = events;
        this.clock = clock;
        this.afterInterval = afterInterval;
    }

    /// Counts one.
    ///
    /// @return whether it is to be told by itself
    boolean toldAlone(AddressBlock client, ReceivingFailure why) {
        long count;
        boolean first;
        synchronized (this) {
            first = counts.isEmpty();
            Key own = new Key(client.toString(), why);
            Key key = counts.containsKey(own) || counts.size() < MOST_ADDRESSES ? own : new Key(OTHERS, why);
            count = counts.merge(key, 1L, Long::sum);
        }
        if (first) {
            afterInterval.accept(this::tell);
        }
        return count <= TOLD;
    }

    /// The interval is over.
    void tell() {
        Map<Key, Long> over;
        synchronized (this) {
            over = new LinkedHashMap<>(counts);
            counts.clear();
        }
        over.forEach((key, count) -> {
            if (count > TOLD) {
                events.on(new SystemEvent.ConnectionsRefused(clock.instant(), key.address(), key.why(), count - TOLD));
            }
        });
    }
}
