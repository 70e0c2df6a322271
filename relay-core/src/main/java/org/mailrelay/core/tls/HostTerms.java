package org.mailrelay.core.tls;

import java.util.List;
import java.util.Optional;

/// The terms on which one host may be tried, computed once before connecting.
///
/// @param rule            what the decision lines of the log cite
/// @param implicitTls     TLS from the first octet (RFC 8314 §3.3): there is no EHLO in the clear and no STARTTLS
/// @param nearMissDefers  `ehlo_near_miss: defer`: an opportunistic policy waits where STARTTLS was nearly offered
/// @param whyClear        the reason to give where `requirement` says NEVER
/// @param plaintextLater  `plaintext_after_handshake_failure`: a failed handshake is remembered, and a later attempt may
///                        go in the clear
/// @param step            how the handshake is offered; the requirement is the same on every step
/// @param bounds          what else binds, or would
public record HostTerms(TlsRequirement requirement, TlsRule rule, boolean implicitTls, boolean nearMissDefers,
        TlsReason whyClear, boolean plaintextLater, LadderStep step, Bounds bounds) {

    /// What a connection's terms rest on beside the operator's level.
    ///
    /// @param because    everything that binds, strongest statement of the operator first
    /// @param noted      what is wrong and stops nothing: for reports
    /// @param requireTls the host must offer REQUIRETLS inside TLS (RFC 8689 §4.2.1)
    /// @param trial      a stricter level that is only watched
    public record Bounds(List<TlsBasis> because, List<TlsReason> noted, boolean requireTls, Optional<Trial> trial) {
        public static final Bounds NONE = new Bounds(List.of(), List.of(), false, Optional.empty());

        public Bounds {
            because = List.copyOf(because);
            noted = List.copyOf(noted);
        }
    }

    /// @param checks those among the observed ones that the trial would enforce
    public record Trial(TlsRule rule, List<TlsCheck> checks) {
        public Trial {
            checks = List.copyOf(checks);
        }
    }

    public HostTerms {
        if (implicitTls && requirement.encryption() != TlsRequirement.Encryption.ALWAYS) {
            throw new IllegalArgumentException("implicit TLS is encryption ALWAYS, got " + requirement.encryption());
        }
        if (plaintextLater && requirement.encryption() == TlsRequirement.Encryption.ALWAYS) {
            throw new IllegalArgumentException("plaintext later, where encryption is promised");
        }
        if (bounds.requireTls() && requirement.enforced().isEmpty()) {
            throw new IllegalArgumentException("REQUIRETLS without a check of the certificate");
        }
    }

    /// Terms that rest on the operator's level alone.
    public HostTerms(TlsRequirement requirement, TlsRule rule, boolean implicitTls, boolean nearMissDefers, TlsReason whyClear, boolean plaintextLater) {
        this(requirement, rule, implicitTls, nearMissDefers, whyClear, plaintextLater, LadderStep.HYBRID, Bounds.NONE);
    }

    /// The same terms, the handshake offered otherwise.
    public HostTerms at(LadderStep other) {
        return new HostTerms(requirement, rule, implicitTls, nearMissDefers, whyClear, plaintextLater, other, bounds);
    }

    /// True where mail may go in the clear because nothing was promised; not where the operator wants no TLS, nor where the message itself says that delivery goes
    /// before TLS (RFC 8689 §4.2.2).
    public boolean opportunistic() {
        boolean wanted = requirement.encryption() == TlsRequirement.Encryption.IF_OFFERED
                || requirement.encryption() == TlsRequirement.Encryption.NEVER && whyClear != TlsReason.POLICY_NONE;
        return wanted && !bounds.because().contains(new TlsBasis.Message(MessageNeed.TLS_NOT_REQUIRED));
    }

    /// True where no content may cross in the clear.
    public boolean encryptionPromised() {
        return requirement.encryption() == TlsRequirement.Encryption.ALWAYS;
    }
}
