package org.mailrelay.listener;

import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.SaslExchange;

/// An exchange of AUTH that is under way: every line of the client is a response to it.
record Proof(Mechanism mechanism, SaslExchange exchange) {
}
