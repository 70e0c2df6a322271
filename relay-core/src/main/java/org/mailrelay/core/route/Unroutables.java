package org.mailrelay.core.route;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EnhancedCode;

/// The codes and words for mail that has nowhere to go.
public final class Unroutables {

    private Unroutables() {}

    /// RFC 3463 §3.2: the destination's domain does not exist or takes no mail.
    public static DestinationPlan.Unroutable nxDomain(Domain domain, String type) {
        return hard(1, 2, domain, type, "NXDomain");
    }

    public static DestinationPlan.Unroutable noRecord(Domain domain, String type) {
        return hard(1, 2, domain, type, "NoData");
    }

    /// RFC 7505 §4.2: 5.1.10.
    public static DestinationPlan.Unroutable nullMx(Domain domain) {
        return hard(1, 10, domain, "MX", "NullMX");
    }

    /// RFC 3463 §3.5: 4.4.3, the directory server failed.
    public static DestinationPlan.Unroutable failed(Domain domain, String type, DnsFailure why) {
        return new DestinationPlan.Unroutable(new EnhancedCode(4, 4, 3), "DNS Temporary Failure " + domain + " " + type + " - " + why.words(),
                Optional.of(new FailedLookup(domain, type, why.words())));
    }

    /// RFC 3463 §3.5: 5.4.6, the best mail host is ourselves.
    public static DestinationPlan.Unroutable loop(String destination) {
        return new DestinationPlan.Unroutable(new EnhancedCode(5, 4, 6), "mail for " + destination + " loops back to myself");
    }

    /// RFC 3463 §3.5: 5.4.4, mail hosts are named and none of them can be used.
    public static DestinationPlan.Unroutable noneUsable(String destination, String detail) {
        return new DestinationPlan.Unroutable(new EnhancedCode(5, 4, 4), "no usable mail host for " + destination + ": " + detail);
    }

    private static DestinationPlan.Unroutable hard(int subject, int detail, Domain domain, String type, String why) {
        return new DestinationPlan.Unroutable(new EnhancedCode(5, subject, detail),
                "DNS Hard Error looking up " + domain + " (" + type + "):  " + why);
    }
}
