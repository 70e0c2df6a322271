/// SMTP in: who may connect, the session, and the way of a message's bytes into the spool.
///
/// Read [Listeners] (the sockets), then [InboundHandler] (bytes to lines and content, replies out), [Session] (what each command does),
/// [InboundMessage] (one message's bytes on their way) and [ReceivedField]. The grammar and every reply stand in
/// `org.mailrelay.core.smtp`, the access decision in `org.mailrelay.core.access`.
///
/// One event loop runs all of a connection. The spool's thread answers stores; the answer hops back to the loop. Only CRLF ends a
/// command and only CRLF.CRLF ends content (RFC 5321 §2.3.8, §4.1.1.4); while a message waits for its sync nothing further is read.
@NullMarked
package org.mailrelay.listener;

import org.jspecify.annotations.NullMarked;
