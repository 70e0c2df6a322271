/// What is known of each destination while the relay runs: the figures behind `tophosts` and `hoststatus`.
///
/// [HostTable] gathers [HostFigures] from events on the log's thread; commands read copies. Bounded: the destinations that were quiet longest
/// are forgotten first.
@NullMarked
package org.mailrelay.observe.hosts;

import org.jspecify.annotations.NullMarked;
