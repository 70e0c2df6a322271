/// Reports to senders: what became of their mail, as people and programs read it. Values in, octets out; nothing here performs I/O.
///
/// Read [ReportRules] first: who is told of what, and what of the message goes along. Then [Report] and [RecipientReport], the facts;
/// [Explanation], the words for people; [StatusFields], the fields for programs; [ReportComposer], which makes the message of them.
/// [ReportRate] keeps a storm of them from one victim.
///
/// Sources: RFC 3461 (what senders ask for), RFC 3464 (the fields), RFC 6522 and RFC 3462 (the parts), RFC 6533 (internationalised mail),
/// RFC 8689 (mail that requires TLS).
@NullMarked
package org.mailrelay.core.report;

import org.jspecify.annotations.NullMarked;
