package org.mailrelay.delivery.engine;

import java.util.List;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.smtp.EnhancedCode;

/// What senders read of an operator's decision.
final class Operator {

    static final Outcome.Reason BOUNCED = new Outcome.Reason(new EnhancedCode(5, 0, 0), "Message bounced by administrator", 0, List.of("bounced by administrator"));

    private Operator() {
    }
}
