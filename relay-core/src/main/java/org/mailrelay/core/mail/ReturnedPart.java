package org.mailrelay.core.mail;

/// `RET=` of MAIL: what of the message a report of a failure is to return (RFC 3461 §4.3).
public enum ReturnedPart {
    FULL("FULL"),
    HEADERS("HDRS");

    private final String word;

    ReturnedPart(String word) {
        this.word = word;
    }

    /// As MAIL spells it.
    public String word() {
        return word;
    }
}
