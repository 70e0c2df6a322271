package org.mailrelay.delivery.engine;

import java.util.List;
import org.mailrelay.queue.QueuedMessage;

/// Recipients of a message that fared differently go their own ways: the first group keeps the item. Under the engine's lock.
final class Parting {

    private final EngineState state;
    private final Item whole;
    private final QueuedMessage message;
    private boolean taken;

    Parting(EngineState state, Item whole) {
        this.state = state;
        this.whole = whole;
        this.message = whole.loaded();
    }

    Item of(List<Integer> rids) {
        if (!taken) {
            taken = true;
            if (rids.size() < whole.recipients()) {
                state.narrow(whole, rids);
            }
            return whole;
        }
        Item part = whole.part(rids);
        part.phase = Item.Phase.UNDER_WAY;
        state.enter(part);
        state.keep(part, message);
        return part;
    }
}
