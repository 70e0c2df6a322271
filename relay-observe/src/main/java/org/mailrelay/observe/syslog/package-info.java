/// mail_logs to syslog servers, beside the files.
///
/// [SyslogLine] is the form of a line, [SyslogSender] the thread that sends them to one server. A server that is slow or away loses lines, which are
/// counted; nothing waits for it.
@NullMarked
package org.mailrelay.observe.syslog;

import org.jspecify.annotations.NullMarked;
