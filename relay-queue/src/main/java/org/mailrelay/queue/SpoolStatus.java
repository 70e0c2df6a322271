package org.mailrelay.queue;

/// Gauges of the spool.
///
/// @param bytes       on disk: segments and bodies of their own
/// @param memory      octets of bodies held for a first attempt
/// @param lastSyncNanos how long the last sync took
/// @param groupSize   operations in the last group
/// @param writable    false after a failed write, until one has succeeded
public record SpoolStatus(long messages, long bytes, long maxBytes, long memory, int segments, long syncs, long lastSyncNanos, int groupSize, boolean writable) {
}
