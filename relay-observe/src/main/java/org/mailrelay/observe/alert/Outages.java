package org.mailrelay.observe.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// Destinations whose mail the TLS policy stops. One thread.
///
/// One refusing host is no outage where another takes the mail, and neither is one failed round: an outage begins when a host is refused again
/// a minute or more after the first refusal, with nothing delivered in between. It ends with the first delivery.
public final class Outages {

    private static final Duration AGAIN = Duration.ofSeconds(60);
    private static final int MOST = 10_000;

    private record Trouble(Instant since, boolean told) {}

    private final Map<Domain, Trouble> troubles = new LinkedHashMap<>();

    /// What the operator should be told now.
    public Optional<SystemEvent.Alert> on(MailEvent event) {
        return switch (event) {
            case DeliveryEvent.PolicyUnmet e when e.why().contains(TlsReason.OWN_PATH_SUSPECTED) -> Optional.empty();   // one alert for all of them, not one each
            case DeliveryEvent.PolicyUnmet e -> stopped(e.at(), e.connection().domain(), e.connection().entry(), e.connection().mx(), e.rule(), e.why());
            case DeliveryEvent.HostSkipped e -> stopped(e.at(), e.domain(), e.entry(), e.mx(), e.rule(), List.of(e.why()));
            case DeliveryEvent.Delivered e -> delivered(e);
            case InjectionEvent _, MessageEvent _, SystemEvent _, DeliveryEvent _ -> Optional.empty();
        };
    }

    /// How many are told and not over.
    public long open() {
        return troubles.values().stream().filter(Trouble::told).count();
    }

    private Optional<SystemEvent.Alert> stopped(Instant at, Domain domain, String entry, String mx, TlsRule rule, List<TlsReason> why) {
        Trouble known = troubles.get(domain);
        if (known == null) {
            if (troubles.size() == MOST) {
                troubles.remove(troubles.keySet().iterator().next());   // the eldest: one that is new must not go untold for it
            }
            troubles.put(domain, new Trouble(at, false));
            return Optional.empty();
        }
        if (known.told() || at.isBefore(known.since().plus(AGAIN))) {
            return Optional.empty();
        }
        troubles.put(domain, new Trouble(known.since(), true));
        return Optional.of(new SystemEvent.PolicyStopsMail(at, domain, entry, mx, rule, why, known.since()));
    }

    private Optional<SystemEvent.Alert> delivered(DeliveryEvent.Delivered event) {
        Trouble over = troubles.remove(event.connection().domain());
        return over == null || !over.told() ? Optional.empty() : Optional.of(new SystemEvent.MailGoesOn(event.at(), event.connection().domain(),
                event.connection().entry(), event.connection().mx(), Duration.between(over.since(), event.at())));
    }
}
