package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsRule;

/// All that was found of a domain.
///
/// @param nowhere why there is no host at all
/// @param skipped hosts and addresses that never came into question, in words
record DomainReport(Domain domain, TlsRule rule, String route, Optional<String> nowhere, List<HostReport> hosts, List<String> skipped) {

    DomainReport {
        hosts = List.copyOf(hosts);
        skipped = List.copyOf(skipped);
    }

    boolean deliverable() {
        return hosts.stream().anyMatch(host -> host.verdict().deliverable());
    }
}
