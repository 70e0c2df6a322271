package org.mailrelay.core.mail;

import java.util.Optional;

/// The argument of `MAIL FROM:`: a mailbox, or the null path `<>` of bounces (RFC 5321 §4.5.5).
public record ReversePath(Optional<Mailbox> mailbox) {

    public static final ReversePath NULL = new ReversePath(Optional.empty());

    public static ReversePath of(Mailbox mailbox) {
        return new ReversePath(Optional.of(mailbox));
    }

    public static ReversePath of(String address) {
        return address.isEmpty() ? NULL : of(Mailbox.of(address));
    }

    public boolean isNull() {
        return mailbox.isEmpty();
    }

    /// With the angle brackets, as in the command and in mail_logs.
    @Override
    public String toString() {
        return mailbox.map(m -> "<" + m + ">").orElse("<>");
    }
}
