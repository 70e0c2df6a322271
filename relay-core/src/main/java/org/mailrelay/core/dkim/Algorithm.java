package org.mailrelay.core.dkim;

/// What signs (RFC 6376 §3.3, RFC 8463 §3).
public enum Algorithm {
    RSA_SHA256("rsa-sha256", "rsa"),
    ED25519_SHA256("ed25519-sha256", "ed25519");

    private final String word;
    private final String keyType;

    Algorithm(String word, String keyType) {
        this.word = word;
        this.keyType = keyType;
    }

    /// As `a=` spells it.
    public String word() {
        return word;
    }

    /// As `k=` of a key record spells it.
    public String keyType() {
        return keyType;
    }
}
