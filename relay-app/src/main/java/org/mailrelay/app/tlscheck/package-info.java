/// `tls-check`: the way a message for a domain would take, without the message.
///
/// Read [TlsCheck] first: it asks the delivery's own planner where mail would go, then opens each host with the delivery's own
/// connector, which says QUIT once mail could be sent. [HostReport] holds what a host showed and the [Verdict] of the policy;
/// [AnnotatedEhlo] reads a reply line by line; [TextReport] and [JsonReport] print the same [DomainReport].
///
/// Threads: one for the command; connections run on an event loop and hand over what they saw when they close.
@NullMarked
package org.mailrelay.app.tlscheck;

import org.jspecify.annotations.NullMarked;
