package org.mailrelay.observe.simulate;

import java.util.Optional;
import org.mailrelay.core.tls.TlsRule;

/// Connections to one host that came to one thing and would come to one other, or to the same again.
///
/// @param was  why it came to what it did
/// @param why  why it would come to the other
/// @param rule that says so; empty where nothing is known
public record Shift(String mx, Fate before, String was, Fate after, String why, Optional<TlsRule> rule) {

    public boolean changes() {
        return before != after;
    }
}
