package org.mailrelay.core.tls;

/// How one check of the peer came out.
public sealed interface CheckResult {
    TlsCheck check();

    /// @param by what proved it, such as `PKIX name mx1.example.com`
    record Passed(TlsCheck check, String by) implements CheckResult {}

    /// @param detail the words of the library or the name that was missing; not for decisions
    record Failed(TlsCheck check, TlsReason why, String detail) implements CheckResult {}
}
