package org.mailrelay.core.tls;

/// What a message itself says of TLS (RFC 8689).
public enum MessageNeed {
    NONE,
    /// MAIL was said with REQUIRETLS: an authenticated host name, a verified certificate, and a next hop that offers REQUIRETLS
    /// (RFC 8689 §4.2.1).
    REQUIRE_TLS,
    /// The header field `TLS-Required: No`: failures of DANE and MTA-STS do not stop it; what the operator requires does
    /// (RFC 8689 §4.2.2). REQUIRETLS wins over it.
    TLS_NOT_REQUIRED;

    /// @param requireTls    MAIL was said with REQUIRETLS
    /// @param notRequired   the header says `TLS-Required: No`
    public static MessageNeed of(boolean requireTls, boolean notRequired) {
        return requireTls ? REQUIRE_TLS : notRequired ? TLS_NOT_REQUIRED : NONE;
    }
}
