package org.mailrelay.queue;

/// Why a recipient was not delivered yet.
public sealed interface WaitReason {

    /// Before the first attempt.
    WaitReason NONE = new Text("");

    /// In words; empty before the first attempt.
    record Text(String words) implements WaitReason {}

    /// In the record that brought it, as [Spool#reason] reads it: a million recipients may wait, each for words of its own, and memory has better uses. A state
    /// that goes on with it is written with the same words.
    ///
    /// @param segment the number of its file
    /// @param offset  octets from the file's start to the record
    record Recorded(int segment, int offset) implements WaitReason {}
}
