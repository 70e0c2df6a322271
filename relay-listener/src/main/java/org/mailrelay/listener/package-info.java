/// SMTP in: who may connect, the session, and the way of a message's bytes into the spool.
///
/// In the order of a connection: [Listeners] (the sockets), [Arrival] (reverse DNS, the access decision, the greeting, [Hush] before it), [InboundHandler]
/// ([Inbox], [LineIntake], [ContentIntake], [Handshake]: bytes to lines and content, replies out), [LineDispatcher] and [SmtpChain] (Apache James's dispatcher over our grammar, and the
/// command handlers in their order), one handler a file (`…Command`), [Session] (what is known between commands), [Identification] (who the client has proven to be), [InboundMessage]
/// (one message's bytes on their way), [Acceptance] (converted by [Conversions] where need be, signed, into the spool, 250 after the sync) and [ReceivedField]. The grammar and every
/// reply stand in `org.mailrelay.core.smtp`, the access decision in `org.mailrelay.core.access`.
///
/// Of James there is the dispatcher, the chain with its wiring of hooks and result handlers, and the session; its parsers, handlers,
/// framing and transport are not used. Content never passes the dispatcher.
///
/// Who users are, and what proves it, stands in `org.mailrelay.listener.auth`; the exchanges in `org.mailrelay.core.auth`.
///
/// One event loop runs all of a connection. The spool's thread answers stores; the answer hops back to the loop. Only CRLF ends a
/// command and only CRLF.CRLF ends content (RFC 5321 §2.3.8, §4.1.1.4); while a message waits for its sync nothing further is read.
@NullMarked
package org.mailrelay.listener;

import org.jspecify.annotations.NullMarked;
