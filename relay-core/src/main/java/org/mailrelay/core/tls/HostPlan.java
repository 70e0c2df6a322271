package org.mailrelay.core.tls;

/// Whether a host may be tried at all.
public sealed interface HostPlan {
    /// Try it, on these terms.
    record Try(HostTerms terms) implements HostPlan {}
    /// Leave it out; no connection is made.
    ///
    /// @param rule   the operator's
    /// @param detail what DNS, the policy or the message said; may be empty
    record Skip(TlsReason why, TlsRule rule, String detail) implements HostPlan {}
}
