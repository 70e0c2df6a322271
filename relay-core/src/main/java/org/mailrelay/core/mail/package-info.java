/// The words of mail: numbers of messages and connections, domains, addresses, envelopes.
///
/// Read [Domain] and [Mailbox] first, then [Envelope] with its [Recipient]s and [MailParameters], and [Content]. Values only; any thread may hold them.
/// Addresses are parsed from the wire in `org.mailrelay.core.smtp` (RFC 5321 §4.1.2); here they are already clean.
@NullMarked
package org.mailrelay.core.mail;

import org.jspecify.annotations.NullMarked;
