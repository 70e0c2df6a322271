/// One compact record of each connection to a mail host: what reports on TLS, trials and simulations are made from later.
///
/// [SessionRecord] is the record and its text; [FactFields] is the part of it that tells what the host showed. [HeldRecord] tells of recipients that began
/// to wait because of a connection. [SessionRecords] makes them from the events of a connection and keeps them in a
/// [org.mailrelay.observe.store.LineStore]. Names of fields are only ever added.
///
/// Threads: the log's thread writes, a command's or a job's thread reads.
@NullMarked
package org.mailrelay.observe.session;

import org.jspecify.annotations.NullMarked;
