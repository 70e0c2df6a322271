package org.mailrelay.net.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.mailrelay.core.dkim.Algorithm;
import org.mailrelay.core.dkim.Hash;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.SigningKey;

/// Holds a signature against the key that DNS publishes.
final class SignatureCheck {

    private SignatureCheck() {
    }

    /// A key that is none, or is too short (RFC 8301 §3.2), verifies nothing.
    static boolean holds(Algorithm algorithm, KeyRecord published, byte[] data, byte[] signature) {
        if (!published.keyType().equals(algorithm.keyType())) {
            return false;
        }
        return switch (algorithm) {
            case RSA_SHA256 -> rsa(published.publicKey(), data, signature);
            case ED25519_SHA256 -> ed25519(published.publicKey(), data, signature);
        };
    }

    private static boolean rsa(byte[] publicKey, byte[] data, byte[] signature) {
        try {
            PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(publicKey));
            Signature check = Signature.getInstance("SHA256withRSA");
            check.initVerify(key);
            check.update(data);
            return ((RSAPublicKey) key).getModulus().bitLength() >= SigningKey.LEAST_BITS && check.verify(signature);
        } catch (GeneralSecurityException noKeyOrSignature) {
            return false;
        }
    }

    private static boolean ed25519(byte[] publicKey, byte[] data, byte[] signature) {
        if (publicKey.length != Ed25519PublicKeyParameters.KEY_SIZE || signature.length != 64) {
            return false;
        }
        Hash hash = Hash.JDK.get();
        hash.update(data, 0, data.length);
        byte[] digest = hash.digest();
        Ed25519Signer check = new Ed25519Signer();
        try {
            check.init(false, new Ed25519PublicKeyParameters(publicKey));
        } catch (IllegalArgumentException noPoint) {
            return false;
        }
        check.update(digest, 0, digest.length);
        return check.verifySignature(signature);
    }
}
