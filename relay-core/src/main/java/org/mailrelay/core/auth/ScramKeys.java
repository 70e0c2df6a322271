package org.mailrelay.core.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 §3, RFC 7677): enough to know the password again, not enough to log in with.
public record ScramKeys(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {

    /// RFC 7677 §4: 4096 at least.
    public static final int ITERATIONS = 4_096;

    /// @param salt 16 octets at random
    public static ScramKeys of(String password, byte[] salt, int iterations) {
        byte[] salted = salted(password, salt, iterations);
        return new ScramKeys(salt, iterations, hash(hmac(salted, "Client Key")), hmac(salted, "Server Key"));
    }

    static byte[] salted(String password, byte[] salt, int iterations) {
        try {
            // The JDK takes a password's characters as UTF-8 here (RFC 8018 §5.2 through HMAC), as RFC 5802 §2.2 does.
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(new PBEKeySpec(SaslText.composed(password).toCharArray(), salt, iterations, 256)).getEncoded();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("PBKDF2 with HMAC-SHA-256", missing);
        }
    }

    static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("HMAC-SHA-256", missing);
        }
    }

    static byte[] hash(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("SHA-256", missing);
        }
    }

    /// Not even keys belong in a log.
    @Override
    public String toString() {
        return "ScramKeys(hidden)";
    }
}
