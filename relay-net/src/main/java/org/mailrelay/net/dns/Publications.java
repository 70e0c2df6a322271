package org.mailrelay.net.dns;

import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.tls.Published;

/// Finds what the network says of one host, beside its addresses. Blocks.
@FunctionalInterface
public interface Publications {

    /// Nothing is asked.
    Publications NONE = (_, _) -> Published.NOTHING;

    /// @param terms whether DANE and MTA-STS are wanted
    Published of(CandidateHost host, TlsTerms terms);
}
