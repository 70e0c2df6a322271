package org.mailrelay.core.tls;

/// What to do once the peer has listed its extensions. (Its answer to STARTTLS is a decision, and a type, of its own.)
public sealed interface AfterEhlo {
    record Plaintext(TlsReason why) implements AfterEhlo {}
    record StartTls() implements AfterEhlo {}
    record Abandon(TlsReason why) implements AfterEhlo {}
}
