/// When an operator is told that policy stops a destination's mail: once an outage, and once when it goes on.
///
/// [Outages] is the memory of it, fed with every event on the log's thread. Bounded: no more outages are known than it has room for.
@NullMarked
package org.mailrelay.observe.alert;

import org.jspecify.annotations.NullMarked;
