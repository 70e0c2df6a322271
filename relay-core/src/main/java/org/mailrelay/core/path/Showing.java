package org.mailrelay.core.path;

/// What one connection showed of a host's TLS.
public sealed interface Showing {

    /// A handshake was completed.
    ///
    /// @param certificate digest of the host's own certificate
    /// @param verified    a check of the peer has passed: nobody stands between us and it
    record Encrypted(String certificate, boolean verified) implements Showing {}

    /// No TLS was to be had: not offered, refused, or the handshake failed.
    record Bare() implements Showing {}

    /// TLS was not tried, because it failed before: this says nothing of the host as it is now.
    record Untried() implements Showing {}
}
