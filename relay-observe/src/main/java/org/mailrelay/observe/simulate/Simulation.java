package org.mailrelay.observe.simulate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Foreseen;
import org.mailrelay.core.replay.ReplayRules;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.observe.session.HeldRecord;
import org.mailrelay.observe.session.SessionRecord;
import org.mailrelay.observe.session.SessionRecords;

/// Recorded connections under a configuration that did not hold when they were made.
public final class Simulation implements SessionRecords.Reader {

    private final DestinationSettings destinations;
    private final RouteSettings routes;
    private final Instant now;
    private final Map<Domain, DomainOutlook> domains = new TreeMap<>();
    /// What was deferred, by its DCID; for hosts that were left out, by domain.
    private final Map<Long, Shift> deferred = new HashMap<>();
    private final Map<Domain, Shift> leftOut = new HashMap<>();
    private final List<HeldRecord> held = new ArrayList<>();

    /// @param now exceptions of the configuration hold or have ended by it
    public Simulation(DestinationSettings destinations, RouteSettings routes, Instant now) {
        this.destinations = destinations;
        this.routes = routes;
        this.now = now;
    }

    @Override
    public void session(SessionRecord session) {
        DomainOutlook outlook = domains.computeIfAbsent(session.domain(), DomainOutlook::new);
        Fate.Told before = Fate.before(session);
        if (before.fate() == Fate.FAILED) {
            outlook.failed();
            return;
        }
        if (session.facts().isEmpty()) {
            outlook.unrecorded();
            return;
        }
        DestinationPolicy policy = destinations.match(session.domain()).at(now);
        Foreseen after = ReplayRules.foresee(routes, policy, session.domain(), session.facts().get().circumstances(), session.facts().get().seen());
        Shift shift = new Shift(session.mx(), before.fate(), before.words(), Fate.of(after), after.words(), rule(after));
        outlook.add(shift, new Amount(1, session.carried().messages(), session.carried().recipients()));
        if (before.fate() == Fate.DEFERRED) {
            if (session.dcid() == 0) {
                leftOut.put(session.domain(), shift);
            } else {
                deferred.put(session.dcid(), shift);
            }
        }
    }

    private static Optional<TlsRule> rule(Foreseen foreseen) {
        return switch (foreseen) {
            case Foreseen.Deferred(var rule, _) -> Optional.of(rule);
            case Foreseen.InTheClear(var rule, _) -> Optional.of(rule);
            case Foreseen.Encrypted(var rule, _) -> Optional.of(rule);
            case Foreseen.Verified(var rule, _) -> Optional.of(rule);
            case Foreseen.Unknown _ -> Optional.empty();
        };
    }

    /// It may come before the record of its connection.
    @Override
    public void held(HeldRecord record) {
        held.add(record);
    }

    /// By name; to be asked once all has been read.
    public List<DomainOutlook> outlooks() {
        held.forEach(record -> {
            Shift shift = record.dcid() == 0 ? leftOut.get(record.domain()) : deferred.get(record.dcid());
            DomainOutlook outlook = domains.get(record.domain());
            if (shift != null && outlook != null) {
                outlook.add(shift, new Amount(0, record.messages(), record.recipients()));
            }
        });
        held.clear();
        return List.copyOf(domains.values());
    }
}
