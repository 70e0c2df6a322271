package org.mailrelay.queue;

import java.util.Optional;
import org.mailrelay.core.mail.Mid;

/// A recipient's new state. Once all of a message's recipients are in a final one, the message leaves the spool.
///
/// @param recipient index in the envelope (the RID of mail_logs)
public record StateChange(Mid mid, int recipient, RecipientState state) {

    /// Octets; a reason that is no longer stays in memory.
    private static final int SHORT = 24;

    /// The same as the index keeps it, once its record stands there: a long reason is left on the disk.
    ///
    /// @param segment the number of the file
    /// @param offset  octets from the file's start
    StateChange recordedAt(long segment, int offset) {
        boolean inWords = state.waiting().map(RecipientState.Waiting::reason).filter(reason -> reason instanceof WaitReason.Text(String words) && words.length() > SHORT).isPresent();
        if (!inWords || segment > Integer.MAX_VALUE) {
            return this;
        }
        WaitReason there = new WaitReason.Recorded((int) segment, offset);
        return new StateChange(mid, recipient, switch (state) {
            case RecipientState.Waiting waiting -> because(waiting, there);
            case RecipientState.ByOrder(RecipientState.Waiting as, boolean held, Optional<String> via) -> new RecipientState.ByOrder(because(as, there), held, via);
            case RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> state;
        });
    }

    private static RecipientState.Waiting because(RecipientState.Waiting waiting, WaitReason reason) {
        return new RecipientState.Waiting(waiting.attempts(), waiting.next(), reason, waiting.warned());
    }
}
