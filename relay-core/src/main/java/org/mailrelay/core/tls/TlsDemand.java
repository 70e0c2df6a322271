package org.mailrelay.core.tls;

import java.util.List;

/// What a TLS policy asked for in vain: the rule, where it stands, and the reasons in their order.
public record TlsDemand(TlsRule rule, List<TlsReason> why) {

    public TlsDemand {
        why = List.copyOf(why);
    }
}
