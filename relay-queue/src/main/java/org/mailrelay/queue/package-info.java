/// The spool: mail on disk, durable before it is acknowledged. The only module that writes mail to disk.
///
/// An append log of checksummed records (messages with their bodies, state changes, reservations of numbers) in segment files, with
/// the index in memory and rebuilt at start. What is where:
///
/// - [Spool] is the entry: take numbers, store a message, change recipients' states, load a message, replay all at the start, read a body.
/// - [NewMessage], [QueuedMessage], [RecipientState], [StateChange] are the values that cross it.
/// - [SpoolListener] is told of damage, failures and syncs.
/// - [BodyWriter] collects a body as it arrives (over 256 KiB in a [BodyFile] of its own), [BodySource] reads it back and checks it.
/// - [SpoolWriter] is the one thread that writes: it takes all that is ready, appends, syncs once, then answers (group commit).
/// - [Index] and [Segments] are what is known in memory: an [Entry] a message, and which files hold little or nothing any more.
/// - [Record] and [Segment] are the bytes, [IndexFile] a short form of a sealed segment; [Recovery] (by a [SegmentFeed] each) and [Replay] read them back, from any
///   prefix; [Disk] is the file system, which tests make fail.
/// - [Reasons] reads back why recipients wait: a million may, each for words of its own, and memory holds none of those.
/// - [Keeper] does beside the writer what must not delay it; [Reserve] is the room that a full disk leaves for what is in the queue.
///
/// Threads: any thread may call [Spool]; callbacks run on the spool's own threads and must be quick. A store is answered after the sync
/// (RFC 5321 §6.1: not lost for frivolous reasons, such as a crash). State changes ride on the next group, at most 20 ms later:
/// a crash may repeat a delivery that was under way, never lose one.
@NullMarked
package org.mailrelay.queue;

import org.jspecify.annotations.NullMarked;
