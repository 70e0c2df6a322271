package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateNamesTest {

    /// RFC 9525 §6.3: "the wildcard character appears only as the complete content of the left-most label".
    @ParameterizedTest
    @CsvSource({
        "mx.example.com, mx.example.com, true", "MX.Example.COM, mx.example.com, true", "mx.example.com., mx.example.com, false",
        "*.example.com, mx.example.com, true", "*.example.com, a.mx.example.com, false", "*.example.com, example.com, false",
        "m*.example.com, mx.example.com, false", "*, mx.example.com, false", "*.com, example.com, false", "mx.*.com, mx.example.com, false",
        "192.0.2.1, mx.example.com, false", "mx.example.com, .example.com, true", "example.com, .example.com, false",
        "*.example.com, .example.com, true", "badexample.com, .example.com, false"})
    void B_CERT_namesThatMatchAndNamesThatDoNot(String presented, String wanted, boolean matches) {
        assertThat(CertificateNames.matches(presented, wanted)).isEqualTo(matches);
    }

    @Test
    void B_CERT_aNulInANameMatchesNothing() {
        assertThat(CertificateNames.matches("mx.example.com\0.evil.test", "mx.example.com")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "TLS_AES_256_GCM_SHA384, TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_RSA_WITH_AES_128_CBC_SHA, AES128-SHA",
        "ECDHE-RSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256"})
    void ciphersHaveTheirOpenSslNames(String java, String openSsl) {
        assertThat(CipherNames.openSsl(java)).isEqualTo(openSsl);
    }
}
