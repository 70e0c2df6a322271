package org.mailrelay.core.dkim;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;

/// SHA-256 over octets that come in pieces. One message's own.
public interface Hash {

    /// The JDK's.
    Supplier<Hash> JDK = Hash::jdk;

    void update(byte[] octets, int from, int to);

    /// Once, at the end.
    byte[] digest();

    private static Hash jdk() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
        return new Hash() {
            @Override
            public void update(byte[] octets, int from, int to) {
                digest.update(octets, from, to - from);
            }

            @Override
            public byte[] digest() {
                return digest.digest();
            }
        };
    }
}
