package org.mailrelay.listener;

import org.mailrelay.listener.auth.Authentication;

/// What all connections of a relay have in common. Each part is safe from any thread.
record Shared(PeerCounts counts, LineDispatcher dispatcher, Authentication authentication, RateMeter rates, Refusals refusals, Conversions conversions) {
}
