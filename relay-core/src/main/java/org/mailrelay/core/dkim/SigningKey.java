package org.mailrelay.core.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

/// A private key that signs mail. Its text tells nothing of it.
public final class SigningKey {

    /// RFC 8301 §3.2: signers use at least 1024 bits, and should use 2048.
    public static final int LEAST_BITS = 1_024;
    public static final int GOOD_BITS = 2_048;

    /// What a key file was read as.
    public sealed interface Read {}

    public record Usable(SigningKey key) implements Read {}

    /// @param why words for the operator
    public record Unusable(String why) implements Read {}

    /// In PKCS #8, an RSA key of PKCS #1 stands behind: version 0, the algorithm rsaEncryption with NULL, an octet string.
    private static final byte[] RSA_ALGORITHM = {0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

    private final Algorithm algorithm;
    private final int bits;
    private final byte[] pkcs8;

    private SigningKey(Algorithm algorithm, int bits, byte[] pkcs8) {
        this.algorithm = algorithm;
        this.bits = bits;
        this.pkcs8 = pkcs8;
    }

    /// Reads PEM: `PRIVATE KEY` (PKCS #8; RSA or Ed25519) or `RSA PRIVATE KEY` (PKCS #1).
    public static Read parse(String pem) {
        for (String label : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY"}) {
            String begin = "-----BEGIN " + label + "-----";
            int from = pem.indexOf(begin);
            int to = from < 0 ? -1 : pem.indexOf("-----END " + label + "-----", from);
            if (to >= 0) {
                try {
                    byte[] der = Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
                    return pem.startsWith("Proc-Type:", from + begin.length() + 1) ? new Unusable("an encrypted key; the relay cannot ask for its password")
                            : of(label.equals("PRIVATE KEY") ? der : wrapped(der));
                } catch (IllegalArgumentException noBase64) {
                    return new Unusable("text between the key's lines that is not base64");
                }
            }
        }
        return new Unusable(pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") ? "an encrypted key; the relay cannot ask for its password"
                : pem.contains("-----BEGIN EC PRIVATE KEY-----") ? "a key of a kind that DKIM does not know" : "no private key in PEM");
    }

    private static Read of(byte[] pkcs8) {
        PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(pkcs8);
        try {
            PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(encoded);
            int bits = ((RSAPrivateKey) key).getModulus().bitLength();
            return bits < LEAST_BITS ? new Unusable("an RSA key of " + bits + " bits, expected at least " + LEAST_BITS) : new Usable(new SigningKey(Algorithm.RSA_SHA256, bits, pkcs8));
        } catch (GeneralSecurityException noRsaKey) {
            try {
                KeyFactory.getInstance("Ed25519").generatePrivate(encoded);
                return new Usable(new SigningKey(Algorithm.ED25519_SHA256, 256, pkcs8));
            } catch (GeneralSecurityException noEd25519Key) {
                return new Unusable("a key of a kind that DKIM does not know");
            }
        }
    }

    private static byte[] wrapped(byte[] pkcs1) {
        byte[] octetString = element((byte) 0x04, pkcs1);
        byte[] inside = Arrays.copyOf(RSA_ALGORITHM, RSA_ALGORITHM.length + octetString.length);
        System.arraycopy(octetString, 0, inside, RSA_ALGORITHM.length, octetString.length);
        return element((byte) 0x30, inside);
    }

    /// A DER element whose content is shorter than 64 KiB, as every key's is.
    private static byte[] element(byte tag, byte[] content) {
        int length = Math.min(content.length, 0xffff);
        byte[] element = new byte[4 + length];
        element[0] = tag;
        element[1] = (byte) 0x82;
        element[2] = (byte) (length >> 8);
        element[3] = (byte) length;
        System.arraycopy(content, 0, element, 4, length);
        // DER wants the shortest form of a length.
        return length > 0xff ? element : shorter(tag, content);
    }

    private static byte[] shorter(byte tag, byte[] content) {
        boolean one = content.length < 0x80;
        byte[] element = new byte[(one ? 2 : 3) + content.length];
        element[0] = tag;
        element[1] = one ? (byte) content.length : (byte) 0x81;
        if (!one) {
            element[2] = (byte) content.length;
        }
        System.arraycopy(content, 0, element, one ? 2 : 3, content.length);
        return element;
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    /// Of the modulus; 256 for Ed25519.
    public int bits() {
        return bits;
    }

    /// DER (PKCS #8): secret.
    public byte[] pkcs8() {
        return pkcs8.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SigningKey key && MessageDigest.isEqual(pkcs8, key.pkcs8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pkcs8);
    }

    @Override
    public String toString() {
        return algorithm.word() + " key of " + bits + " bits";
    }
}
