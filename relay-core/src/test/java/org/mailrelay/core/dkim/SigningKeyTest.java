package org.mailrelay.core.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeyTest {

    @Test
    void readsRsaAndEd25519InPkcs8() {
        assertThat(SigningKey.parse("Some text before\n" + TestKeys.pem("RSA", 2048))).isInstanceOfSatisfying(SigningKey.Usable.class,
                read -> assertThat(read.key().toString()).isEqualTo("rsa-sha256 key of 2048 bits"));
        assertThat(SigningKey.parse(TestKeys.pem("Ed25519", 255))).isInstanceOfSatisfying(SigningKey.Usable.class,
                read -> assertThat(read.key().algorithm()).isEqualTo(Algorithm.ED25519_SHA256));
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048})
    void readsRsaInPkcs1AsTheSameKey(int bits) {
        byte[] pkcs8 = TestKeys.pkcs8("RSA", bits);
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
        assertThat(SigningKey.parse(TestKeys.pem("RSA PRIVATE KEY", pkcs1))).isEqualTo(SigningKey.parse(TestKeys.pem("PRIVATE KEY", pkcs8)));
    }

    /// RFC 8301 §3.2: "Signers MUST use RSA keys of at least 1024 bits for all keys."
    @Test
    void refusesShortKeys() {
        assertThat(SigningKey.parse(TestKeys.pem("RSA", 512))).isEqualTo(new SigningKey.Unusable("an RSA key of 512 bits, expected at least 1024"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"})
    void whatIsNoKeyIsToldInWords(String pem) {
        assertThat(SigningKey.parse(pem)).isInstanceOf(SigningKey.Unusable.class);
    }

    @Test
    void otherKindsOfKeysAreRefused() {
        assertThat(SigningKey.parse(TestKeys.pem("EC", 256))).isEqualTo(new SigningKey.Unusable("a key of a kind that DKIM does not know"));
        assertThat(SigningKey.parse(TestKeys.pem("X25519", 255))).isEqualTo(new SigningKey.Unusable("a key of a kind that DKIM does not know"));
    }
}
