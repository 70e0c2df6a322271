package org.mailrelay.core.tls;

/// The key `dane` of a destination.
public enum DaneUse {
    NONE("none"),
    /// Where TLSA records are published they bind.
    OPPORTUNISTIC("opportunistic"),
    /// No usable TLSA record, no delivery.
    MANDATORY("mandatory");

    private final String word;

    DaneUse(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
