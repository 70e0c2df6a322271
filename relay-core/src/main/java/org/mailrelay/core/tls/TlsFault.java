package org.mailrelay.core.tls;

/// A reason and what was found, in the peer's or the library's own words.
///
/// @param detail may be empty; not escaped, not for decisions
public record TlsFault(TlsReason why, String detail) {

    public TlsFault(TlsReason why) {
        this(why, "");
    }

    /// For the waits line, `show` and DSNs: the reason, its section, the detail.
    public String words() {
        return why.words() + (detail.isEmpty() ? "" : " (" + detail + ")");
    }
}
