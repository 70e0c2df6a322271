package org.mailrelay.queue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mid;

/// What stands in a segment.
sealed interface Record {

    /// A message; a later one with the same MID (a compacted copy) takes the place of an earlier one.
    ///
    /// @param head     octets from the record's start to an inline body, or to its end
    /// @param bodyFile name of the body's own file
    record Message(Mid mid, Envelope envelope, Origin origin, Content content, byte[] prologue, List<RecipientState> states,
            long bodyLength, int bodyChecksum, int head, Optional<String> bodyFile) implements Record {

        /// Null when all are as they are when a message arrives.
        byte @Nullable [] packedStates() {
            RecipientState fresh = new RecipientState.Waiting(0, origin.received(), "");
            return States.packed(states.stream().map(state -> state.equals(fresh) ? null : state).toArray(RecipientState[]::new));
        }

        Entry entry(Entry.Place place, Path bodies) {
            Body own = bodyFile.isPresent() ? new Body.InFile(bodies.resolve(bodyFile.get()), bodyLength, bodyChecksum, Optional.empty()) : null;
            return new Entry(mid.value(), place, states.size(), packedStates(), own, -1);
        }
    }

    record Change(StateChange change) implements Record {}

    /// The message was refused to its sender after its record may have reached the disk.
    record Abandoned(Mid mid) implements Record {}

    /// Numbers below these may have been used.
    record Reserved(long mid, long icid, long dcid) implements Record {}
}
