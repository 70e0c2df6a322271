package org.mailrelay.core.tls;

import java.util.Optional;

/// Why a TLS decision fell as it did: the words of the log, the section that says so, and the result type of RFC 8460 §4.3 side by side.
public enum TlsReason {
    POLICY_NONE("policy none", "", ""),
    NOT_OFFERED("STARTTLS not offered", "RFC 3207 §4", "starttls-not-supported"),
    NEAR_MISS("STARTTLS not offered (near miss in the EHLO reply)", "RFC 5321 §4.1.1.1", "starttls-not-supported"),
    HELO_ONLY("STARTTLS not offered (EHLO refused, HELO offers nothing)", "RFC 5321 §3.2", "starttls-not-supported"),
    REFUSED_TEMPORARILY("STARTTLS refused (4xx)", "RFC 3207 §4", "starttls-not-supported"),
    REFUSED_PERMANENTLY("STARTTLS refused (5xx)", "RFC 3207 §4", "starttls-not-supported"),
    UNEXPECTED_RESPONSE("STARTTLS unexpected response", "RFC 3207 §4", "validation-failure"),
    HANDSHAKE_FAILED("TLS handshake failed", "RFC 3207 §4.1", "validation-failure"),
    HANDSHAKE_FAILED_BEFORE("TLS handshake failed in an earlier attempt", "RFC 7435 §3", "validation-failure"),
    CERTIFICATE_NOT_TRUSTED("certificate not trusted", "RFC 5280 §6", "certificate-not-trusted"),
    CERTIFICATE_EXPIRED("certificate expired or not yet valid", "RFC 5280 §6", "certificate-expired"),
    CERTIFICATE_REVOKED("certificate revoked", "RFC 6960 §2.2", "certificate-not-trusted"),
    HOST_MISMATCH("certificate name mismatch", "RFC 9525 §6.3", "certificate-host-mismatch"),
    NO_NAME_TO_VERIFY("no host name to verify: the route names an address", "RFC 9525 §6.1", ""),
    TLSA_LOOKUP_FAILED("TLSA lookup failed", "RFC 7672 §2.1.1", "dnssec-invalid"),
    TLSA_UNUSABLE("no usable TLSA record", "RFC 7672 §2.2", "tlsa-invalid"),
    DANE_REQUIRED("DANE mandatory, no usable TLSA record", "RFC 7672 §6", "dane-required"),
    DANE_MISMATCH("certificate matches no TLSA record", "RFC 7672 §3.1", "validation-failure"),
    STS_MX_MISMATCH("mail host not listed in the MTA-STS policy", "RFC 8461 §4.1", "validation-failure"),
    STS_FETCH_FAILED("MTA-STS policy cannot be fetched", "RFC 8461 §3.3", "sts-policy-fetch-error"),
    STS_HOST_UNTRUSTED("MTA-STS policy host not trusted", "RFC 8461 §3.3", "sts-webpki-invalid"),
    STS_POLICY_BROKEN("MTA-STS policy broken", "RFC 8461 §3.2", "sts-policy-invalid"),
    MX_NOT_AUTHENTICATED("REQUIRETLS: mail host name authenticated neither by DNSSEC nor by MTA-STS", "RFC 8689 §4.2.1", ""),
    REQUIRETLS_NOT_OFFERED("REQUIRETLS: not offered by the mail host", "RFC 8689 §4.2.1", ""),
    REQUIRETLS_UNDER_NONE("REQUIRETLS: the policy of the destination is none", "RFC 8689 §4.2.1", ""),
    OWN_PATH_SUSPECTED("our own network is suspected", "RFC 7435 §3", ""),
    NO_VERIFICATION_ASKED("verification not asked for by the policy", "", ""),
    ENCRYPTED("encrypted", "", "");

    private final String words;
    private final String section;
    private final String reportType;

    TlsReason(String words, String section, String reportType) {
        this.words = words;
        this.section = section;
        this.reportType = reportType;
    }

    /// As mail_logs, the waits line and DSNs say it.
    public String words() {
        return words;
    }

    /// Where it is written, such as `RFC 7672 §2.2`; empty where only the operator's policy speaks.
    public Optional<String> section() {
        return section.isEmpty() ? Optional.empty() : Optional.of(section);
    }

    /// The result type of a TLS report (RFC 8460 §4.3), where the reason is a failure that it has a name for.
    public Optional<String> reportType() {
        return reportType.isEmpty() ? Optional.empty() : Optional.of(reportType);
    }

    /// REQUIRETLS could not be met: the message fails with 5.7.30 once no host is left (RFC 8689 §4.2.1).
    public boolean ofRequireTls() {
        return this == MX_NOT_AUTHENTICATED || this == REQUIRETLS_NOT_OFFERED || this == REQUIRETLS_UNDER_NONE;
    }
}
