package org.mailrelay.core.route;

import java.util.List;
import org.mailrelay.core.smtp.EnhancedCode;

/// Where to try, in order, or why there is nowhere.
public sealed interface DestinationPlan {
    /// @param skipped hosts and addresses left out, in words for the log
    record Ordered(List<CandidateHost> hosts, List<String> skipped) implements DestinationPlan {
        public Ordered {
            hosts = List.copyOf(hosts);
            skipped = List.copyOf(skipped);
            if (hosts.isEmpty()) {
                throw new IllegalArgumentException("a plan without hosts");
            }
        }
    }

    /// @param code  class 5: the recipient bounces; class 4: later
    /// @param words as the log and the bounce show them
    record Unroutable(EnhancedCode code, String words) implements DestinationPlan {
        public boolean permanent() {
            return code.statusClass() == 5;
        }
    }
}
