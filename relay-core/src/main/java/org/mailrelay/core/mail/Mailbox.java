package org.mailrelay.core.mail;

/// A mailbox as it stands between `<` and `>`: local part (quotes kept as written) and domain.
///
/// The parser of paths (`org.mailrelay.core.smtp`) makes these from wire data; the constructor holds off whatever could
/// break a command line when the address is sent again (RFC 5321 §4.5.3.1.1: 64 octets of local part). A local part may hold
/// UTF-8 (RFC 6531 §3.3): it is never altered, and goes only where SMTPUTF8 is offered.
public record Mailbox(String localPart, Domain domain) {

    public static final int MAX_LOCAL_PART = 64;

    public Mailbox {
        if (localPart.isEmpty() || MailText.octets(localPart) > MAX_LOCAL_PART) {
            throw new IllegalArgumentException("local part of " + localPart.length() + " characters");
        }
        MailText.requirePrintable(localPart, "a local part");
    }

    /// False where SMTPUTF8 is needed to send it (RFC 6531 §3.2).
    public boolean isAscii() {
        return MailText.isAscii(localPart);
    }

    /// @throws IllegalArgumentException when the text has no `@` or its sides are not what they must be
    public static Mailbox of(String address) {
        int at = address.lastIndexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("no @ in " + address);
        }
        return new Mailbox(address.substring(0, at), Domain.of(address.substring(at + 1)));
    }

    @Override
    public String toString() {
        return localPart + "@" + domain;
    }
}
