package org.mailrelay.core.delivery;

import java.util.List;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsReason;

/// How a recipient bounces whose time is over, and how one is held while TLS policy forbids every host.
public final class ExpiryRules {

    private ExpiryRules() {
    }

    /// 7.4 where TLS was not to be had, 7.5 where it failed (RFC 3463 §3.8), 7.30 where the message's REQUIRETLS was not met (RFC 8689 §4.2.1), 4.0 where
    /// it is our own network that is in doubt.
    public static EnhancedCode tlsCode(int statusClass, TlsReason why) {
        return switch (why) {
            case POLICY_NONE, NOT_OFFERED, NEAR_MISS, HELO_ONLY, REFUSED_TEMPORARILY, REFUSED_PERMANENTLY, UNEXPECTED_RESPONSE, NO_NAME_TO_VERIFY,
                    DANE_REQUIRED, NO_VERIFICATION_ASKED, ENCRYPTED -> new EnhancedCode(statusClass, 7, 4);
            case HANDSHAKE_FAILED, HANDSHAKE_FAILED_BEFORE, CERTIFICATE_NOT_TRUSTED, CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED, HOST_MISMATCH, TLSA_LOOKUP_FAILED, TLSA_UNUSABLE,
                    DANE_MISMATCH, STS_MX_MISMATCH, STS_FETCH_FAILED, STS_HOST_UNTRUSTED, STS_POLICY_BROKEN -> new EnhancedCode(statusClass, 7, 5);
            case OWN_PATH_SUSPECTED -> new EnhancedCode(statusClass, 4, 0);
            case MX_NOT_AUTHENTICATED, REQUIRETLS_NOT_OFFERED, REQUIRETLS_UNDER_NONE -> new EnhancedCode(statusClass, 7, 30);
        };
    }

    /// No host is left that could take a message with REQUIRETLS: final, with the code that says so (RFC 8689 §4.2.1).
    ///
    /// @param texts which hop or clause failed
    public static Outcome.Reason requireTlsUnmet(List<String> texts) {
        EnhancedCode code = new EnhancedCode(5, 7, 30);
        return new Outcome.Reason(code, code.words(), 0, texts);
    }

    /// @param last why it waited; its TLS code stays, for the sender should learn what stood in the way
    public static Outcome.Reason expired(Outcome.Reason last) {
        boolean tls = last.code() == 0 && last.status().subject() == 7;
        if (tls) {
            EnhancedCode code = new EnhancedCode(5, 7, last.status().detail());
            return last.as(code, code.words() + " (message too old)");
        }
        EnhancedCode code = new EnhancedCode(5, 4, 7);
        return new Outcome.Reason(code, code.words(), 0, List.of("timeout"));
    }
}
