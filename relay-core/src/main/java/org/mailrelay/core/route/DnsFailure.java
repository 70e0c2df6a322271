package org.mailrelay.core.route;

/// Why a lookup gave no answer for now. Each is temporary: the next attempt asks again.
public enum DnsFailure {
    SERVFAIL("ServFail"),
    TIMEOUT("Timeout"),
    REFUSED("Refused"),
    /// A chain of aliases that never ends, or is longer than we follow.
    ALIAS_LOOP("CNAME loop"),
    /// An answer that cannot be read, or that is not ours.
    MALFORMED("Malformed answer"),
    /// No server could be reached.
    NETWORK("Network error"),
    /// The answer contradicts the signatures of its zone, or lacks them (RFC 4035 §4.3, "bogus").
    BOGUS("DNSSEC bogus"),
    /// To validate the answer would take more work than one question is worth.
    TOO_COSTLY("DNSSEC too costly");

    private final String words;

    DnsFailure(String words) {
        this.words = words;
    }

    /// As the log shows it.
    public String words() {
        return words;
    }
}
