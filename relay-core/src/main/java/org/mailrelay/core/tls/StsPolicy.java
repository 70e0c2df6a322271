package org.mailrelay.core.tls;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// A domain's MTA-STS policy (RFC 8461 §3.2).
///
/// @param domain the policy domain: the recipient's, or the smart host's (RFC 8461 §3.4)
/// @param id     of the TXT record that led to it
/// @param mx     patterns as they stand, lower-case A-labels: a name, or `*.` and a name
public record StsPolicy(Domain domain, String id, Mode mode, Duration maxAge, List<String> mx) {

    /// RFC 8461 §5.
    public enum Mode { ENFORCE, TESTING, NONE }

    public StsPolicy {
        mx = List.copyOf(mx);
    }

    /// RFC 8461 §4.1: a wildcard is the whole left-most label and stands for exactly one.
    public boolean lists(Domain host) {
        return mx.stream().anyMatch(pattern -> pattern.startsWith("*.")
                ? host.parent().map(Domain::name).equals(Optional.of(pattern.substring(2)))
                : host.name().equals(pattern));
    }
}
