package org.mailrelay.core.dkim;

/// Why a message was not signed though there are keys.
public enum Unsigned {
    NO_FROM("no From field"),
    SEVERAL_FROM("several From fields"),
    FROM_UNREADABLE("no domain in the From field"),
    HEADER_TOO_LONG("header too long"),
    TOO_MANY_FIELDS("too many fields to sign"),
    HEADER_MALFORMED("header begins with a continuation line"),
    NOT_SEALED("ARC seal not made"),
    SIGNING_FAILED("signing failed");

    private final String words;

    Unsigned(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }
}
