/// Readers of events. [EventStream] hands each event to all of them; `log` writes mail_logs.
@NullMarked
package org.mailrelay.observe;

import org.jspecify.annotations.NullMarked;
