package org.mailrelay.queue;

/// Why a message was not taken: 452 for its sender either way (RFC 5321 §4.2.3).
public enum StoreRefusal {
    /// `max_size` is reached or the disk is full.
    FULL,
    /// A write or sync failed.
    FAILED
}
