package org.mailrelay.core.tls;

/// What a reply to EHLO or HELO says of STARTTLS.
public enum StartTlsOffer {
    OFFERED,
    NOT_OFFERED,
    /// The octets STARTTLS stand somewhere in the reply, yet not where they offer it.
    NEAR_MISS,
    /// EHLO was refused; a HELO reply never offers anything (RFC 5321 §3.2).
    HELO_ONLY
}
