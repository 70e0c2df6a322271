package org.mailrelay.queue;

/// How large a spool's files are.
///
/// @param roll    octets; a segment is full past this
/// @param reserve octets set aside for a full disk: room to note what was delivered, and to copy the little that is left in a segment
record SpoolSizes(long roll, long reserve) {

    private static final long LARGEST = 64L << 20;
    private static final long SMALLEST = 256L << 10;
    private static final long LEAST_RESERVE = 512L << 10;

    /// A segment is a sixteenth of the room there may be, within limits: what one compaction needs must stay small beside the whole.
    ///
    /// @param most   octets that the spool may take
    /// @param usable octets that the disk has left
    static SpoolSizes of(long most, long usable) {
        long roll = Math.clamp(Math.min(most, usable) / 16, SMALLEST, LARGEST);
        return new SpoolSizes(roll, Math.max(roll / 16, LEAST_RESERVE));
    }
}
