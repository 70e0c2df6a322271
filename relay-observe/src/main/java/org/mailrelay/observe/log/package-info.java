/// mail_logs: the lines that operators of the Cisco ESA know, one an event.
///
/// [MailLogLine] is the catalogue of every text, [LogTime] the date before it, [MailLogWriter] the thread that writes them to
/// [MailLogFile], which is rolled by size and time. Nothing here is on the delivery path: making a line happens on the writer's
/// thread, and where disk or reader is too slow lines are dropped and counted.
@NullMarked
package org.mailrelay.observe.log;

import org.jspecify.annotations.NullMarked;
