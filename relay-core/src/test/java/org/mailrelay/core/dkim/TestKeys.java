package org.mailrelay.core.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;

/// Keys made anew, as PEM.
final class TestKeys {

    private TestKeys() {
    }

    static SigningKey ed25519() {
        return ((SigningKey.Usable) SigningKey.parse(pem("Ed25519", 255))).key();
    }

    static String pem(String algorithm, int bits) {
        return pem("PRIVATE KEY", pkcs8(algorithm, bits));
    }

    static byte[] pkcs8(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair().getPrivate().getEncoded();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }
}
