/// Message tracking: which messages were there, what became of them, and the lines of mail_logs that tell it.
///
/// [Tracking] keeps every line of a message and of its connections with what is asked for (sender, recipient, subject, Message-ID, address,
/// TLS outcome) in a [org.mailrelay.observe.store.LineStore]; [TrackRecord] is one such line. [TrackQuestion] is what an operator asks,
/// [TrackSearch] finds it: once over the store for the messages, once for their connections, once for the lines.
///
/// Threads: the log's thread writes, a command's thread reads. Nothing here is on the delivery path.
@NullMarked
package org.mailrelay.observe.track;

import org.jspecify.annotations.NullMarked;
