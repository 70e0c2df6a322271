package org.mailrelay.config;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.TlsLevel;

/// What `check` points out though it is no mistake: entries that change nothing or are never asked, exceptions near or past their end.
final class PolicyWarnings {

    private static final Duration SOON = Duration.ofDays(14);

    private PolicyWarnings() {
    }

    static List<String> of(Settings settings, Instant now) {
        List<String> warnings = new ArrayList<>();
        DestinationSettings destinations = settings.destinations();
        for (DestinationPolicy policy : destinations.all()) {
            policy.terms().exception().flatMap(exception -> exception(exception, now)).ifPresent(warnings::add);
            if (policy == destinations.fallback()) {
                continue;
            }
            DestinationPolicy above = destinations.above(policy);
            if (policy.saysWhat(above)) {
                warnings.add("destinations.yaml: the entry " + policy.entry() + " changes nothing: " + above.entry() + " says the same");
            }
            if (policy.tls().level() == TlsLevel.REQUIRED_VERIFY_HOSTED && policy.tlsNames().isEmpty()) {
                warnings.add(policy.tls().position() + ": " + policy.entry() + " is hosted without tls_names: the certificate must name the domain itself, or the MX "
                        + "must be signed (DNSSEC) or listed by an MTA-STS policy; 'mailrelay tls-check' tells");
            }
        }
        settings.routes().domains().exact().forEach((domain, route) -> {
            if (route.target() instanceof RouteEntry.Target.Discard && destinations.entries().exact().containsKey(domain)) {
                warnings.add("destinations.yaml: the entry " + domain + " is never asked: " + route.position() + " drops its mail");
            }
        });
        return warnings;
    }

    private static Optional<String> exception(PolicyException exception, Instant now) {
        String words = exception.position() + ": the exception of " + exception.entry() + " (" + exception.owner() + ": " + exception.reason() + ") ";
        if (!exception.holds(now)) {
            return Optional.of(words + "is void since the end of " + exception.expires());
        }
        return exception.end().isBefore(now.plus(SOON)) ? Optional.of(words + "ends with " + exception.expires()) : Optional.empty();
    }
}
