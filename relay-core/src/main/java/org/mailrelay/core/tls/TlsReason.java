package org.mailrelay.core.tls;

import java.util.Optional;

/// Why a TLS decision fell as it did: the words of the log and the result type of RFC 8460 §4.3 side by side.
public enum TlsReason {
    POLICY_NONE("policy none", null),
    NOT_OFFERED("STARTTLS not offered", "starttls-not-supported"),
    NEAR_MISS("STARTTLS not offered (near miss in the EHLO reply)", "starttls-not-supported"),
    HELO_ONLY("STARTTLS not offered (EHLO refused, HELO offers nothing)", "starttls-not-supported"),
    REFUSED_TEMPORARILY("STARTTLS refused (4xx)", "starttls-not-supported"),
    REFUSED_PERMANENTLY("STARTTLS refused (5xx)", "starttls-not-supported"),
    UNEXPECTED_RESPONSE("STARTTLS unexpected response", "validation-failure"),
    HANDSHAKE_FAILED("TLS handshake failed", "validation-failure"),
    HANDSHAKE_FAILED_BEFORE("TLS handshake failed in an earlier attempt", "validation-failure"),
    CERTIFICATE_NOT_TRUSTED("certificate not trusted", "certificate-not-trusted"),
    CERTIFICATE_EXPIRED("certificate expired or not yet valid", "certificate-expired"),
    HOST_MISMATCH("certificate name mismatch", "certificate-host-mismatch"),
    NO_NAME_TO_VERIFY("no host name to verify: the route names an address, and its credentials need a verified host", null),
    NO_VERIFICATION_ASKED("verification not asked for by the policy", null),
    ENCRYPTED("encrypted", null);

    private final String words;
    private final Optional<String> reportType;

    TlsReason(String words, @org.jspecify.annotations.Nullable String reportType) {
        this.words = words;
        this.reportType = Optional.ofNullable(reportType);
    }

    /// As mail_logs, the waits line and DSNs say it.
    public String words() {
        return words;
    }

    /// The result type of a TLS report (RFC 8460 §4.3), where the reason is a failure.
    public Optional<String> reportType() {
        return reportType;
    }
}
