/// What recorded connections would have come to under another configuration.
///
/// [Simulation] reads the records of [org.mailrelay.observe.session] and holds each against a configuration by
/// [org.mailrelay.core.replay.ReplayRules], the delivery path's own decisions; it gives a [DomainOutlook] for each domain, with the [Shift]s of its
/// hosts. A [Fate] is what mail on one connection came to, or would. [ExceptionNeeds] asks the same of the `exception` entries of a
/// configuration: which of them the recorded attempts would do without.
///
/// What is not simulated: limits, retries, gateways and the choice among hosts; a level that a mail flow policy raises (`delivery_tls`) is taken as
/// it was then.
///
/// Threads: a command's; no I/O here.
@NullMarked
package org.mailrelay.observe.simulate;

import org.jspecify.annotations.NullMarked;
