/// Whether our own network can be trusted: one host that loses STARTTLS is that host's matter, many unrelated ones at once are ours.
///
/// Read [Showing] (what a connection showed of a host), [Known] (what is remembered of it, and what has changed), [Affiliation] (which hosts are
/// unrelated), [PathRules] (when a source address is suspected, when again trusted, and what waits meanwhile). All of it is values; the memory that holds
/// them stands in relay-delivery. Nothing here lowers what a policy asks for: it may only make mail wait that nothing was promised for
/// (RFC 7435 §3: opportunistic security falls back to the clear, which is what somebody between us and everybody would make use of).
@NullMarked
package org.mailrelay.core.path;

import org.jspecify.annotations.NullMarked;
