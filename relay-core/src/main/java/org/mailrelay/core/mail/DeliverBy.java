package org.mailrelay.core.mail;

import java.time.Instant;

/// `BY=` of MAIL: by when the message is to be delivered, and what is to be done when it is not (RFC 2852 §4).
///
/// @param deadline the seconds that were said, counted from when they were said: what is left is computed when it is passed on
/// @param trace    `T`: each relay reports that it passed the message on (RFC 2852 §4.1)
public record DeliverBy(Instant deadline, Mode mode, boolean trace) {

    public enum Mode {
        /// `R`: past the deadline the message is returned.
        RETURN,
        /// `N`: past the deadline the sender is told, and delivery goes on.
        NOTIFY
    }
}
