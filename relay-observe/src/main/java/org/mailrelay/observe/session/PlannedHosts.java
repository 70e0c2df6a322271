package org.mailrelay.observe.session;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsReason;

/// What was published of the hosts that were planned lately, until their connections have closed; bounded by number and by characters, since whoever publishes
/// decides how long it is. One thread.
final class PlannedHosts {

    private static final int MOST = 20_000;
    private static final long MOST_CHARACTERS = 32L << 20;

    private record Host(Domain domain, String mx) {}

    record Planned(List<PublishedPolicy> policies, List<TlsReason> noted) {
        static final Planned NOTHING = new Planned(List.of(), List.of());

        private long characters() {
            return policies.stream().flatMap(policy -> policy.strings().stream()).mapToLong(String::length).sum()
                    + policies.stream().flatMap(policy -> policy.mxHosts().stream()).mapToLong(String::length).sum();
        }
    }

    /// Those planned longest ago first.
    private final Map<Host, Planned> planned = new LinkedHashMap<>();
    private long characters;

    void put(Domain domain, String mx, Planned found) {
        Host host = new Host(domain, mx);
        drop(planned.remove(host));
        planned.put(host, found);
        characters += found.characters();
        Iterator<Planned> eldest = planned.values().iterator();
        while (planned.size() > MOST || characters > MOST_CHARACTERS && planned.size() > 1) {
            drop(eldest.next());
            eldest.remove();
        }
    }

    private void drop(@Nullable Planned before) {
        characters -= before == null ? 0 : before.characters();
    }

    Planned get(Domain domain, String mx) {
        return planned.getOrDefault(new Host(domain, mx), Planned.NOTHING);
    }

    int size() {
        return planned.size();
    }
}
