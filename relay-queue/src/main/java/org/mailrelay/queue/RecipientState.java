package org.mailrelay.queue;

import java.time.Instant;

/// Where one recipient of a queued message stands.
public sealed interface RecipientState {

    /// @param attempts transactions in which MAIL was sent for it
    /// @param next     not tried before
    /// @param reason   why it was not delivered yet, for `queue` and `show`; empty before the first attempt
    /// @param warned   the sender was told that it is late: once a recipient, over restarts too
    record Waiting(int attempts, Instant next, String reason, boolean warned) implements RecipientState {

        /// Of whose delay nobody was told.
        public Waiting(int attempts, Instant next, String reason) {
            this(attempts, next, reason, false);
        }
    }

    record Delivered() implements RecipientState {}

    record Bounced() implements RecipientState {}

    record Deleted() implements RecipientState {}

    default boolean isFinal() {
        return switch (this) {
            case Waiting _ -> false;
            case Delivered _, Bounced _, Deleted _ -> true;
        };
    }
}
