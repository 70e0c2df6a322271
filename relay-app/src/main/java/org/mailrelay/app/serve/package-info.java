/// The running relay: everything wired together, its commands, and reloading.
///
/// Read [Relay] first: it opens all parts in the order in which mail needs them and closes them in the reverse. Then [Reloading] (when the
/// files of `conf/` are read again, and what holds a reload back), [RelayCommands] (what the command line asks of a running relay), with
/// [QueueCommands] (the queue: listed, and changed by a [QueueFilter]), [TrackReport], [HostReport], [StatusReport] and [PolicyReport]. [TlsReporting] sends reports
/// on TLS by [OwnMail].
///
/// Threads: commands and reloads run on virtual threads; nothing here runs on an event loop.
@NullMarked
package org.mailrelay.app.serve;

import org.jspecify.annotations.NullMarked;
