package org.mailrelay.queue;

import java.time.Instant;
import java.util.Optional;

/// Where one recipient of a queued message stands.
public sealed interface RecipientState {

    /// @param attempts transactions in which MAIL was sent for it
    /// @param next     not tried before
    /// @param reason   why it was not delivered yet, for `queue` and `show`
    /// @param warned   the sender was told that it is late: once a recipient, over restarts too
    record Waiting(int attempts, Instant next, WaitReason reason, boolean warned) implements RecipientState {

        public Waiting(int attempts, Instant next, String reason, boolean warned) {
            this(attempts, next, new WaitReason.Text(reason), warned);
        }

        /// Of whose delay nobody was told.
        public Waiting(int attempts, Instant next, String reason) {
            this(attempts, next, reason, false);
        }

        /// The same, once its sender was told.
        public Waiting told() {
            return new Waiting(attempts, next, reason, true);
        }
    }

    /// It waits, and an operator has said how.
    ///
    /// @param held no attempt until it is released
    /// @param via  the host it goes to, whatever routes and DNS say, as the operator's command names it
    record ByOrder(Waiting as, boolean held, Optional<String> via) implements RecipientState {}

    record Delivered() implements RecipientState {}

    record Bounced() implements RecipientState {}

    record Deleted() implements RecipientState {}

    default boolean isFinal() {
        return switch (this) {
            case Waiting _, ByOrder _ -> false;
            case Delivered _, Bounced _, Deleted _ -> true;
        };
    }

    /// How it waits; empty for a final state.
    default Optional<Waiting> waiting() {
        return switch (this) {
            case Waiting waiting -> Optional.of(waiting);
            case ByOrder(Waiting as, _, _) -> Optional.of(as);
            case Delivered _, Bounced _, Deleted _ -> Optional.empty();
        };
    }
}
