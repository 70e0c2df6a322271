package org.mailrelay.core.tls;

import java.util.List;

/// The cipher suites of TLS 1.2 that `tls_ciphers` may name, in OpenSSL's spelling, best first (RFC 9325 §4.2): no NULL, EXPORT, RC4, 3DES or
/// anonymous one is among them, so no list of the operator's can ask for one. TLS 1.3's suites are fixed.
public final class CipherSuites {

    public static final List<String> KNOWN = List.of(
            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
            "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-SHA", "AES128-SHA");

    private CipherSuites() {
    }
}
