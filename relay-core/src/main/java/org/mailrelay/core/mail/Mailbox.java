package org.mailrelay.core.mail;

/// A mailbox as it stands between `<` and `>`: local part (quotes kept as written) and domain.
///
/// The parser of paths (`org.mailrelay.core.smtp`) makes these from wire data; the constructor holds off whatever could
/// break a command line when the address is sent again (RFC 5321 §4.5.3.1.1: 64 octets of local part).
public record Mailbox(String localPart, Domain domain) {

    public static final int MAX_LOCAL_PART = 64;

    public Mailbox {
        if (localPart.isEmpty() || localPart.length() > MAX_LOCAL_PART) {
            throw new IllegalArgumentException("local part of " + localPart.length() + " characters");
        }
        for (int i = 0; i < localPart.length(); i++) {
            char c = localPart.charAt(i);
            if (c < 0x20 || c > 0x7e) {
                throw new IllegalArgumentException("character " + (int) c + " in a local part");
            }
        }
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
