package org.mailrelay.core.tls;

/// The terms on which one host may be tried, computed once before connecting.
///
/// @param rule            what the decision lines of the log cite
/// @param implicitTls     TLS from the first octet (RFC 8314 §3.3): there is no EHLO in the clear and no STARTTLS
/// @param nearMissDefers  `ehlo_near_miss: defer`: an opportunistic policy waits where STARTTLS was nearly offered
/// @param whyClear        the reason to give where `requirement` says NEVER
/// @param plaintextLater  `plaintext_after_handshake_failure`: a failed handshake is remembered, and a later attempt may
///                        go in the clear
public record HostTerms(TlsRequirement requirement, TlsRule rule, boolean implicitTls, boolean nearMissDefers,
        TlsReason whyClear, boolean plaintextLater) {

    public HostTerms {
        if (implicitTls && requirement.encryption() != TlsRequirement.Encryption.ALWAYS) {
            throw new IllegalArgumentException("implicit TLS is encryption ALWAYS, got " + requirement.encryption());
        }
        if (plaintextLater && requirement.encryption() == TlsRequirement.Encryption.ALWAYS) {
            throw new IllegalArgumentException("plaintext later, where encryption is promised");
        }
    }

    /// True where no content may cross in the clear.
    public boolean encryptionPromised() {
        return requirement.encryption() == TlsRequirement.Encryption.ALWAYS;
    }
}
