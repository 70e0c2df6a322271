package org.mailrelay.core.mail;

import java.util.Optional;

/// One recipient of a message, with what RCPT said of it (RFC 3461 §4.1, §4.2).
public record Recipient(Mailbox mailbox, Notify notice, Optional<OriginalRecipient> original) {

    /// One of whom only the address was said.
    public static Recipient of(Mailbox mailbox) {
        return new Recipient(mailbox, Notify.UNSAID, Optional.empty());
    }

    public static Recipient of(String address) {
        return of(Mailbox.of(address));
    }

    public Domain domain() {
        return mailbox.domain();
    }
}
