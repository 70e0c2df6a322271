package org.mailrelay.core.route;

import java.util.List;
import java.util.Optional;
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

    /// @param code   class 5: the recipient bounces; class 4: later
    /// @param words  as the log and the bounce show them
    /// @param lookup the one that failed for now; empty where something else is in the way
    record Unroutable(EnhancedCode code, String words, Optional<FailedLookup> lookup) implements DestinationPlan {

        public Unroutable(EnhancedCode code, String words) {
            this(code, words, Optional.empty());
        }

        public boolean permanent() {
            return code.statusClass() == 5;
        }
    }
}
