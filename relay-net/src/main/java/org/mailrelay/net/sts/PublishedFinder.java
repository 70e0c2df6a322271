package org.mailrelay.net.sts;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.route.DnsOrigin;
import org.mailrelay.core.route.HostOrigin;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.net.dns.Publications;
import org.mailrelay.net.dns.TlsaFinder;

/// All that is published of one mail host.
public final class PublishedFinder implements Publications {

    /// Is told what was found; called on the asking thread.
    public interface Listener {

        Listener NOBODY = new Listener() {
            @Override
            public void dane(Domain nextHop, Domain host, TlsaLookup found) {
                // Nobody is told.
            }

            @Override
            public void sts(Domain nextHop, StsLookup found) {
                // Nobody is told.
            }
        };

        void dane(Domain nextHop, Domain host, TlsaLookup found);

        void sts(Domain nextHop, StsLookup found);

        /// A mail host of `nextHop` did not meet the policy since this was last asked.
        default boolean doubts(Domain nextHop) {
            return false;
        }
    }

    private final TlsaFinder tlsa;
    private final StsPolicies policies;
    private final Listener listener;

    public PublishedFinder(TlsaFinder tlsa, StsPolicies policies, Listener listener) {
        this.tlsa = tlsa;
        this.policies = policies;
        this.listener = listener;
    }

    @Override
    public Published of(CandidateHost host, TlsTerms terms) {
        if (host.hostName().isEmpty() || host.origin().isEmpty()) {
            return Published.NOTHING;
        }
        HostOrigin origin = host.origin().get();
        TlsaLookup dane = terms.dane() == DaneUse.NONE ? new TlsaLookup.None() : tlsa.find(origin, host.hostName().get(), host.address().getPort());
        if (terms.dane() != DaneUse.NONE) {
            listener.dane(origin.nextHop(), host.hostName().get(), dane);
        }
        StsLookup sts = terms.mtaSts() ? sts(origin.nextHop(), host.hostName().get()) : new StsLookup.NotAsked();
        return new Published(mx(origin, host), origin.addresses().state(), dane, sts);
    }

    /// A domain that is its own mail host has no MX answer; that there is none is as secure as the domain itself.
    private static DnssecState mx(HostOrigin origin, CandidateHost host) {
        Optional<DnssecState> named = origin.mx().map(DnsOrigin::state);
        return named.orElseGet(() -> host.route().isPresent() ? DnssecState.UNVALIDATED : origin.addresses().state());
    }

    private StsLookup sts(Domain domain, Domain host) {
        StsLookup found = policies.lookUp(domain);
        if (found instanceof StsLookup.InForce(StsPolicy policy, _) && policy.mode() == StsPolicy.Mode.ENFORCE && (!policy.lists(host) || listener.doubts(domain))) {
            found = policies.again(domain);
        }
        listener.sts(domain, found);
        return found;
    }
}
