package org.mailrelay.observe.track;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.mailrelay.core.event.MailEvent;

/// What is known of a message.
///
/// @param lines      its own and those of its connections, in their order
/// @param recipients the last that became of each, by RID; empty for those of whom nothing is known but that they are queued
/// @param end        `done` or `aborted`; `in the queue` while it has no end
public record Tracked(long mid, List<Line> lines, SortedMap<Integer, State> recipients, String end) {

    /// @param text as mail_logs have it, without date and level
    public record Line(Instant at, MailEvent.Level level, String text) {}

    /// @param state  `delivered`, `delayed`, `waiting`, `bounced`, `discarded`, `deleted`
    /// @param reason why; empty for what needs none
    public record State(Instant at, String state, String reason) {}

    public Tracked {
        lines = List.copyOf(lines);
    }
}
