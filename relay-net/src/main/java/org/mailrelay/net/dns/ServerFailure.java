package org.mailrelay.net.dns;

import java.io.IOException;
import org.mailrelay.core.route.DnsFailure;

/// Carries a [DnsFailure] through the DNS library's futures.
final class ServerFailure extends IOException {

    private static final long serialVersionUID = 1L;

    private final DnsFailure why;

    ServerFailure(DnsFailure why) {
        super(why.words(), null);
        this.why = why;
    }

    DnsFailure why() {
        return why;
    }
}
