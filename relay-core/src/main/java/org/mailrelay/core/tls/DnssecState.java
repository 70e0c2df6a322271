package org.mailrelay.core.tls;

/// What is known of a DNS answer's authenticity (RFC 4035 §4.3). A bogus answer is no answer: it is a failed lookup.
public enum DnssecState {
    /// Validated down from a trust anchor.
    SECURE("secure"),
    /// Proven to lie in an unsigned zone. The normal case, and no fault.
    INSECURE("insecure"),
    /// Not validated: switched off, not possible here, or the answer came from no DNS (a hosts file, an address literal).
    UNVALIDATED("not validated");

    private final String words;

    DnssecState(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }
}
