package org.mailrelay.delivery.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.route.WalkRules;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.delivery.connection.ConnectionKey;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.queue.RecipientState;

/// Has the hosts of a destination looked up beside the lock, and does what follows: its mail goes to them, waits, or goes nowhere. Guarded by the engine's lock.
final class Planning {

    private final EngineState state;
    private final Dispatch dispatch;
    private final Planner planner;
    private final Endings endings;

    Planning(EngineState state, Dispatch dispatch, Planner planner) {
        this.state = state;
        this.dispatch = dispatch;
        this.planner = planner;
        this.endings = new Endings(state, dispatch::pump);
    }

    void plan(Destination destination) {
        state.become(destination, Destination.State.PLANNING);
        Settings settings = state.settings();
        Thread.ofVirtual().name("plan " + destination.key.domain()).start(() -> {
            Planner.Plan plan = lookedUp(destination.key, settings);
            state.locked(() -> planned(destination, plan, settings));
        });
    }

    /// A bug in what is looked up must not keep a domain's mail for good: it is told, and all of it tried again like after any failure.
    private Planner.Plan lookedUp(DestinationKey key, Settings settings) {
        try {
            return planner.plan(key, settings);
        } catch (RuntimeException bug) {
            Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), bug);
            return new Planner.Plan.Hold(Outcome.Reason.noReply(new EnhancedCode(4, 3, 0), "a fault of this program, see mail_logs"), false, Optional.empty());
        }
    }

    private void planned(Destination destination, Planner.Plan plan, Settings settings) {
        if (destination.askedAgain && plan instanceof Planner.Plan.Hosts(var found) && keys(found).equals(keys(destination.hosts))) {
            dispatch.hold(destination, Optional.empty());   // on the same terms they would fail alike
            return;
        }
        destination.tried = new ArrayList<>();
        destination.faults = new ArrayList<>();
        switch (plan) {
            case Planner.Plan.Hosts(var hosts) -> {
                destination.plannedWith = settings;
                destination.plannedAt = state.counted();
                destination.hosts = WalkRules.choose(hosts, ConnectionPlan::hostName, destination.holds);
                destination.host = 0;
                destination.proven = false;
                destination.onlyTls = true;
                state.become(destination, Destination.State.OPEN);
                dispatch.elsewhereFailed(destination, -1);
                dispatch.pump(destination);
            }
            case Planner.Plan.Hold(var reason, boolean tls, var lookup) -> {
                lookup.map(failed -> Facts.of(state.now(), destination.key.domain(), failed)).ifPresent(state::tell);
                destination.failure = reason;
                destination.onlyTls = tls;
                dispatch.hold(destination, Optional.empty());
            }
            case Planner.Plan.Bounce(var reason) -> {
                Dispatch.gather(destination);
                endings.begin(destination, item -> dispatch.settlement().fail(item, reason, new Dcid(0)));
            }
            case Planner.Plan.Discard(String position) -> {
                Dispatch.gather(destination);
                endings.begin(destination, item -> discard(item, position));
            }
        }
    }

    private static Set<ConnectionKey> keys(List<ConnectionPlan> hosts) {
        return hosts.stream().map(ConnectionPlan::key).collect(Collectors.toSet());
    }

    private void discard(Item item, String position) {
        Mid mid = item.mid();
        List<Integer> rids = item.rids();
        dispatch.settlement().settle(item, new RecipientState.Delivered(), () -> state.tell(new DeliveryEvent.Discarded(state.now(), mid, rids, position)));
    }
}
