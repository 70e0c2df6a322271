/// What happened, as data: the one stream behind mail_logs, metrics and tracking.
///
/// Read [MailEvent], then its families in the order of a message's way: [InjectionEvent] (a connection to us), [MessageEvent] (a message
/// comes in and is queued), [DeliveryEvent] (a connection to a mail host, and what became of recipients), [SystemEvent] (the relay
/// itself). An event holds all that any reader needs; a reader looks nothing up. First the durable write, then the event.
///
/// Events are made on event loops and the spool's thread; an [EventSink] is called in line, must not block and must not throw.
@NullMarked
package org.mailrelay.core.event;

import org.jspecify.annotations.NullMarked;
