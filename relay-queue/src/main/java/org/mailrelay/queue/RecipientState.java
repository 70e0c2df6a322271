package org.mailrelay.queue;

import java.time.Instant;

/// Where one recipient of a queued message stands.
public sealed interface RecipientState {

    /// @param attempts transactions in which MAIL was sent for it
    /// @param next     not tried before
    /// @param reason   why it was not delivered yet, for `queue` and `show`; empty before the first attempt
    record Waiting(int attempts, Instant next, String reason) implements RecipientState {}

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
