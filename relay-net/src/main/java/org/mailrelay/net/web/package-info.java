/// Asks web hosts whose names come from strangers' DNS: those of MTA-STS policies (RFC 8461 §3.3), and those that want reports on TLS (RFC 8460 §3).
///
/// Read [WebHosts] (one question to one host), [HttpReply] (what a host may answer). Blocks: virtual threads. May be shared.
@NullMarked
package org.mailrelay.net.web;

import org.jspecify.annotations.NullMarked;
