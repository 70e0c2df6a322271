/// Readers of events. [EventStream] hands each event to all of them; `log` writes mail_logs, `metrics` counts for Prometheus, `http` is the
/// port where both metrics and health are asked for.
@NullMarked
package org.mailrelay.observe;

import org.jspecify.annotations.NullMarked;
