package org.mailrelay.queue;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mid;

/// What stands in a segment.
sealed interface Record {

    /// A message; a later one with the same MID (a compacted copy) takes the place of an earlier one.
    ///
    /// @param bodyOffset of an inline body, octets from the payload's start
    /// @param bodyFile   name of the body's own file
    record Message(Mid mid, Envelope envelope, Origin origin, Content content, byte[] prologue, List<RecipientState> states,
            long bodyLength, int bodyChecksum, int bodyOffset, Optional<String> bodyFile) implements Record {}

    record Change(StateChange change) implements Record {}

    /// The message was refused to its sender after its record may have reached the disk.
    record Abandoned(Mid mid) implements Record {}

    /// Numbers below these may have been used.
    record Reserved(long mid, long icid, long dcid) implements Record {}
}
