/// Writes events as the lines of mail_logs.
///
/// Read [MailLogLine] for every text, [AsctimeDate] for the date, [MailLogWriter] for the file. Texts are made and written on the
/// writer's own thread; whoever makes an event only puts it into a bounded queue, so a slow disk delays no mail.
@NullMarked
package org.mailrelay.observe.log;

import org.jspecify.annotations.NullMarked;
