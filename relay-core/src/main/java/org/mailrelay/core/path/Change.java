package org.mailrelay.core.path;

/// What a showing is, beside what is remembered of the host.
public enum Change {
    /// Nothing was known of it.
    FIRST,
    /// As before, or better.
    SAME,
    /// It had TLS.
    TLS_LOST,
    /// It showed another certificate, and this one is not verified.
    OTHER_CERTIFICATE,
    /// It has had no TLS before either.
    NEVER_HAD;

    public boolean loss() {
        return this == TLS_LOST || this == OTHER_CERTIFICATE;
    }
}
