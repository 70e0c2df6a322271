/// The grammar of SMTP, both ways: octets to values, values to octets. Pure; no socket, thread or clock.
///
/// As a client, in the order of a conversation:
///
/// 1. [ReplyReader] makes a [Reply] of octets as they arrive, or says how their framing is broken.
/// 2. [EhloReply] decides what a server offers; each departure from the grammar is a [Finding].
/// 3. [CommandText] writes MAIL and RCPT; nothing that could break a line gets through.
///
/// As a server:
///
/// 1. [CommandLine] splits a line into verb and argument, [PathCommand] reads those of MAIL and RCPT, [EhloArgument] the name.
/// 2. [OurReplies] is every reply that this relay gives.
/// 3. [DataScanner] watches content pass and finds its end; [LineEndNormaliser] mends bare LF where a policy asks for it.
///
/// [Escape] makes remote text safe to log; [EnhancedCode] knows the words for codes. Readers that keep state ([ReplyReader],
/// [DataScanner]) belong to one connection and its event loop; all else may be used from any thread.
///
/// Sources: RFC 5321, RFC 1869 (EHLO), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 2034, 3463 and 5248 (enhanced codes).
@NullMarked
package org.mailrelay.core.smtp;

import org.jspecify.annotations.NullMarked;
