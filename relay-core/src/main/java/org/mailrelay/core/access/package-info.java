/// Decides what a connecting peer may do, before it has said a word and again when it has proven who it is. Nothing here performs I/O.
///
/// Read [AddressBlock] first (which addresses an entry names), then [AccessRules]: sender groups in order, first match wins,
/// nothing matches means refused. Host names count only when the caller has verified them (reverse and forward DNS agree);
/// neither the EHLO name nor an unverified reverse name ever gives a right. The rules are asked again when a client has shown a certificate
/// ([ClientCertificate]) or authenticated. Values only; any thread may call.
///
/// Sources: RFC 4291 §2.5.5.2 (v4-mapped addresses are the IPv4 addresses they map), RFC 5321 §7.9.
@NullMarked
package org.mailrelay.core.access;

import org.jspecify.annotations.NullMarked;
