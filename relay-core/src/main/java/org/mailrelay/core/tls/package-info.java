/// Decides how one connection to a mail host may use TLS. Nothing here performs I/O.
///
/// The decisions in the order they come up:
///
/// 1. [HostRules#plan] before connecting: may this host be used, and on what [HostTerms]? It looks at a [HostQuestion]: the
///    operator's entry, what DNS, DANE ([TlsaLookup]) and MTA-STS ([StsLookup]) say of the host, and what the message needs.
/// 2. [TlsRules#afterEhlo] once the host has listed its extensions: start TLS, go on without, or leave?
/// 3. [TlsRules#afterStartTlsReply] once it has answered STARTTLS.
/// 4. [TlsRules#afterHandshake] once the handshake has ended: use it, leave, or leave and remember?
///
/// What binds a host is only ever raised, never lowered: the operator's [TlsLevel], then DANE, then MTA-STS (RFC 8461 §2), then the
/// message's own [MessageNeed]. All of it comes together in one [TlsRequirement]; every [TlsBasis] of it is kept for the log.
///
/// Sources: RFC 3207 (STARTTLS), RFC 7435 (opportunistic security), RFC 7672 (DANE), RFC 8461 (MTA-STS), RFC 8689 (REQUIRETLS),
/// RFC 9525 (names in certificates). Every reason a decision can give is a [TlsReason], which also names its section and its RFC 8460
/// result type; the rule that asked is a [TlsRule]. Values and pure functions: any thread.
@NullMarked
package org.mailrelay.core.tls;

import org.jspecify.annotations.NullMarked;
