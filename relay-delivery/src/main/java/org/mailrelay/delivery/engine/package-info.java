/// The queue at work: what is due, where it goes, what came of it.
///
/// Read [DeliveryEngine] first (what others may ask of it), then the path of a message: [TakeUp] (what was queued at the start), [Admission] (recipients become items that wait together),
/// [Planning] (its hosts are looked up), [Dispatch] (it is connected to, or held), [Slots] (who may have a connection), [Loading] (a message is read shortly before it is sent),
/// [ConnectionSource] (a connection pulls its next message and reports), [Results] (outcomes by recipient), [Settlement] (outcomes become durable, then facts). [Holds] keeps destinations
/// that no host would serve, [HeldMail] tells of their mail and ends it, [Endings] ends what goes nowhere, [RateLimits] those whose domain's rate is used up, [HostAddress] what is known of a host by all its destinations. [Planner] finds hosts and terms, [Facts] reads results
/// for the rules of relay-core, [Notices] and [DelayWarnings] tell senders by [ReportWriter], [EventLog] tells what connections do. [QueueWork] does what operators ask, in parts.
///
/// A message that waits is an [Item] of some 100 octets in [MessageTable] and in one [Chain]: its destination's queue, or a second of [DueTimes]. The
/// message itself is in memory only while it is fresh, about to be sent, or under way.
///
/// Threads: any. One lock ([EngineState]) guards all that waits; it is the only lock, nothing blocks under it, what is long is done in slices, and events
/// are told under it so that their order is that of the changes. Planning, bounces and reading run on virtual threads without it. A host's failure is a
/// matter of its destination: one schedule from 60 s to 1 h, and no message's attempt (RFC 5321 §4.5.4.1).
@NullMarked
package org.mailrelay.delivery.engine;

import org.jspecify.annotations.NullMarked;
