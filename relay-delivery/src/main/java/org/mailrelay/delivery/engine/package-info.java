/// The queue at work. Read [DeliveryEngine] first: one lock guards all that waits; connections pull from it on their event loops.
/// [Planner] finds hosts, [Facts] reads results, [BounceWriter] reports failures, [EventLog] tells what connections do.
@NullMarked
package org.mailrelay.delivery.engine;

import org.jspecify.annotations.NullMarked;
