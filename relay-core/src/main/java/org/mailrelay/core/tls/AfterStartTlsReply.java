package org.mailrelay.core.tls;

/// What to do once the peer has answered STARTTLS.
public sealed interface AfterStartTlsReply {
    record Handshake() implements AfterStartTlsReply {}
    /// Go on in the clear on this same connection: the peer said no, and nothing was promised.
    record Plaintext(TlsReason why) implements AfterStartTlsReply {}
    /// Leave this host for now.
    record Abandon(TlsReason why) implements AfterStartTlsReply {}
}
