package org.mailrelay.core.tls;

/// What to do once the peer has listed its extensions inside TLS.
public sealed interface AfterTlsEhlo {
    record Proceed() implements AfterTlsEhlo {}
    /// Leave this host for now.
    record Abandon(TlsFault why) implements AfterTlsEhlo {}
}
