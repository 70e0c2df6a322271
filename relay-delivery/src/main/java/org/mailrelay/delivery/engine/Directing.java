package org.mailrelay.delivery.engine;

import org.mailrelay.core.mail.Dcid;

/// Does what an operator wants of mail that is not under way: at once, or when it comes back from where it was. Guarded by the engine's lock.
final class Directing {

    private final EngineState state;
    private final Dispatch dispatch;

    Directing(EngineState state, Dispatch dispatch) {
        this.state = state;
        this.dispatch = dispatch;
    }

    /// @return true when an operator's order has taken it
    boolean directed(Item item) {
        Order order = item.takeOrder();
        if (order != null) {
            direct(item, order);
        }
        return order != null;
    }

    /// Does what an operator wants of an item that is not under way.
    void direct(Item item, Order order) {
        switch (order) {
            case Order.Retry _ -> retry(item, true);
            case Order.Hold _ -> {
                keep(item);
                dispatch.settlement().direct(item, true, "held by the operator", () -> { });
            }
            case Order.Release _ -> {
                if (item.phase == Item.Phase.KEPT) {
                    dispatch.settlement().direct(item, false, "released by the operator", () -> released(item));
                } else {
                    item.factsTold();
                }
            }
            case Order.Delete _ -> {
                take(item);
                dispatch.settlement().delete(item);
            }
            case Order.Bounce _ -> {
                take(item);
                dispatch.settlement().fail(item, Operator.BOUNCED, new Dcid(0));
            }
            case Order.Redirect(Redirection to) -> {
                boolean kept = item.phase == Item.Phase.KEPT;
                keep(item);
                state.move(item, state.destination(item.destination.key.by(to)));
                dispatch.settlement().direct(item, kept, "redirected to " + to, () -> {
                    if (!kept) {
                        released(item);
                    }
                });
            }
        }
    }

    private void take(Item item) {
        item.unlink();
        state.become(item, Item.Phase.UNDER_WAY);
    }

    private void keep(Item item) {
        item.unlink();
        state.drop(item);
        state.become(item, Item.Phase.KEPT);
    }

    /// Unless another order came in between.
    private void released(Item item) {
        if (item.phase == Item.Phase.KEPT) {
            dispatch.ready(item);
        }
    }

    /// @param now whatever its destination waits for, hosts that are dead by memory too
    void retry(Item item, boolean now) {
        Destination destination = item.destination;
        if (now) {
            destination.hosts.forEach(host -> dispatch.slots().address(host).deadUntil = Long.MIN_VALUE);
            dispatch.unhold(destination);
        }
        if (item.phase == Item.Phase.DEFERRED) {
            item.unlink();
            dispatch.ready(item);
        }
        item.factsTold();
    }
}
