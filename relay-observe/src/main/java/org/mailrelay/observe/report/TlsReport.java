package org.mailrelay.observe.report;

import java.time.LocalDate;
import java.util.List;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.PublishedPolicy;

/// What happened in a day to sessions under the policies of one domain.
///
/// @param domain the policy domain, which also says whom the report goes to
public record TlsReport(Domain domain, LocalDate day, List<Counted> policies) {

    /// @param details in no particular order
    public record Counted(PublishedPolicy policy, long succeeded, long failed, List<Detail> details) {
        public Counted {
            details = List.copyOf(details);
        }
    }

    /// @param resultType one of the eleven of RFC 8460 §4.3
    /// @param reason     in our words
    public record Detail(Failure failure, long sessions) {}

    /// What sessions must share to be one detail. Addresses and names may be empty.
    public record Failure(String resultType, String sendingAddress, String mx, String receivingAddress, String reason) {}

    public TlsReport {
        policies = List.copyOf(policies);
    }
}
