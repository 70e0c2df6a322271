package org.mailrelay.testkit.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;

/// Private keys made anew, as the PEM that a key file holds.
public final class DkimKeys {

    private DkimKeys() {
    }

    public static String rsa(int bits) {
        return pem("RSA", bits);
    }

    public static String ed25519() {
        return pem("Ed25519", 255);
    }

    private static String pem(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
