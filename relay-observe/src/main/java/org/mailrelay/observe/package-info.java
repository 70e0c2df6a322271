/// Readers of events. [EventStream] hands each event to all of them; `log` writes mail_logs, `metrics` counts for Prometheus, `http` is the
/// port where both metrics and health are asked for, `alert` tells of outages.
///
/// The log's thread hands each event with its line on: to `syslog`, to `hosts` (how destinations fare), to `track` (the lines of messages, for
/// later) and to `session` (one record of a connection, from which `report` makes reports on TLS). What is kept for later stands in a `store`.
@NullMarked
package org.mailrelay.observe;

import org.jspecify.annotations.NullMarked;
