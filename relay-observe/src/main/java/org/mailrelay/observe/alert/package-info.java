/// When an operator is told that policy stops a destination's mail: once an outage, and once when it goes on.
///
/// [Outages] is the memory of it, fed with every event on the log's thread. Bounded: beyond ten thousand the eldest is forgotten.
@NullMarked
package org.mailrelay.observe.alert;

import org.jspecify.annotations.NullMarked;
