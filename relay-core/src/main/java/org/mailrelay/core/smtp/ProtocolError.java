package org.mailrelay.core.smtp;

/// How a server's replies can break their framing. Each drops the connection and fails the host for now; none is ever read
/// as "not offered": strictness must not become a downgrade.
public enum ProtocolError {
    BAD_LINE("line is no reply line"),
    MIXED_CODES("lines of one reply carry different codes"),
    BARE_CR("bare CR"),
    BARE_LF("bare LF"),
    NUL("NUL octet"),
    LINE_TOO_LONG("line over 2048 octets"),
    TOO_MANY_LINES("reply over 128 lines"),
    REPLY_TOO_LONG("reply over 32 KiB"),
    /// Octets behind a complete reply when none is owed; seen by whoever owns the connection.
    UNEXPECTED_BYTES("octets that no command asked for"),
    /// The same behind the 220 that answers STARTTLS (RFC 3207 §4.2): a security event.
    INJECTED_RESPONSE("octets behind the answer to STARTTLS");

    private final String words;

    ProtocolError(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }
}
