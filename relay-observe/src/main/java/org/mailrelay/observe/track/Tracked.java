package org.mailrelay.observe.track;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.mailrelay.core.event.MailEvent;

/// What is known of a message.
///
/// @param lines      its own and those of its connections, in their order
/// @param recipients the last that became of each, by RID; empty for those of whom nothing is known but that they are queued
/// @param attempts   in their order; one for each connection that was tried
/// @param end        `done` or `aborted`; `in the queue` while it has no end
public record Tracked(long mid, List<Line> lines, SortedMap<Integer, State> recipients, List<Attempt> attempts, String end) {

    /// @param text as mail_logs have it, without date and level
    public record Line(Instant at, MailEvent.Level level, String text) {}

    /// @param state  `delivered`, `delayed`, `waiting`, `bounced`, `discarded`, `deleted`
    /// @param reason why; empty for what needs none
    public record State(Instant at, String state, String reason) {}

    /// What came of one connection for some recipients.
    ///
    /// @param dcid    0 where none existed
    /// @param rids    as they stand in lines: `0,1`
    /// @param outcome `delivered`, `delayed`, `waiting`, `bounced`
    /// @param reason  what was recorded with it; empty for what needs none
    public record Attempt(Instant at, long dcid, String rids, String outcome, String reason) {}

    public Tracked {
        lines = List.copyOf(lines);
        attempts = List.copyOf(attempts);
    }
}
