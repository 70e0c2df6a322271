/// The configuration as one immutable tree. A reload builds a new tree and swaps it; work that has begun keeps the one it began with.
///
/// Read [Settings], then a record for each file: [RelaySettings], [DestinationSettings] with [DestinationPolicy], [RouteSettings],
/// and the sender groups of `org.mailrelay.core.access`. Values only, nothing here reads a file; `relay-config` makes the tree from
/// text and has checked it. Matching of domains is here, as pure functions ([DomainTable]).
@NullMarked
package org.mailrelay.core.settings;

import org.jspecify.annotations.NullMarked;
