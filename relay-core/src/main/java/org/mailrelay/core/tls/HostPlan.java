package org.mailrelay.core.tls;

/// Whether a host may be tried at all.
public sealed interface HostPlan {
    /// Try it, on these terms.
    record Try(HostTerms terms) implements HostPlan {}
    /// Leave it out; no connection is made.
    record Skip(TlsReason why, TlsRule rule) implements HostPlan {}
}
