package org.mailrelay.net.dkim;

import java.io.IOException;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.mailrelay.core.dkim.SigningKey;

/// The public half of a key as `p=` has it.
public final class PublicKeys {

    private PublicKeys() {
    }

    /// RSA: SubjectPublicKeyInfo, as all publish it (RFC 6376 §3.6.1, erratum 3017). Ed25519: the 32 octets (RFC 8463 §4).
    public static byte[] of(SigningKey key) {
        return switch (key.algorithm()) {
            case RSA_SHA256 -> {
                RSAPrivateCrtKeyParameters rsa = (RSAPrivateCrtKeyParameters) parameters(key);
                try {
                    yield SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent())).getEncoded();
                } catch (IOException impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
            case ED25519_SHA256 -> ed25519(key).generatePublicKey().getEncoded();
        };
    }

    static Ed25519PrivateKeyParameters ed25519(SigningKey key) {
        return (Ed25519PrivateKeyParameters) parameters(key);
    }

    private static AsymmetricKeyParameter parameters(SigningKey key) {
        try {
            return PrivateKeyFactory.createKey(key.pkcs8());
        } catch (IOException impossible) {
            throw new IllegalStateException("a key that was read before", impossible);
        }
    }
}
