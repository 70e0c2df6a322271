/// Decides where the mail of a recipient domain goes, from settings and from what DNS said. Nothing here looks anything up.
///
/// The decisions in the order they come up:
///
/// 1. [RouteRules#decide] the sender's route, else the domain's, else the MX.
/// 2. [MxOrder#order] which MX hosts to ask, best first, none at or behind ourselves (RFC 5321 §5.1).
/// 3. [AddressRules#judge] which of their addresses may be connected to.
/// 4. [AddressOrder#order] in which order, and how many.
/// 5. [PlanRules#plan] the hosts in order, or why there are none: a [DestinationPlan].
///
/// What DNS may say is [MxLookup] and [AddressLookup]; the words of its failures are in [DnsFailure] and [Unroutables].
/// Any thread may call this. Sources: RFC 5321 §5.1, RFC 7505 (null MX), RFC 3463 (codes), RFC 6890 (special addresses).
@NullMarked
package org.mailrelay.core.route;

import org.jspecify.annotations.NullMarked;
