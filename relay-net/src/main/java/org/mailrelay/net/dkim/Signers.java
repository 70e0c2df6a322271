package org.mailrelay.net.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.mailrelay.core.dkim.Hash;
import org.mailrelay.core.dkim.SigningKey;

/// Keys in the form that signs, made when first used. Any thread.
final class Signers {

    private final Map<SigningKey, RawSigner> ready = new ConcurrentHashMap<>();
    private final Function<SigningKey, RawSigner> maker;

    Signers(Function<SigningKey, RawSigner> maker) {
        this.maker = maker;
    }

    /// By libcrypto where it is there, else by the JDK and Bouncy Castle.
    static Signers best() {
        return new Signers(key -> LibCrypto.found().map(library -> nativeOrJava(library, key)).orElseGet(() -> java(key)));
    }

    static Signers inJava() {
        return new Signers(Signers::java);
    }

    /// SHA-256 for bodies.
    static Supplier<Hash> hashes() {
        return LibCrypto.found().<Supplier<Hash>>map(library -> library::hash).orElse(Hash.JDK);
    }

    byte[] sign(SigningKey key, byte[] data) throws GeneralSecurityException {
        return ready.computeIfAbsent(key, maker).sign(data);
    }

    /// Forgets keys that are no longer used.
    void keep(Set<SigningKey> keys) {
        ready.keySet().retainAll(keys);
    }

    private static RawSigner nativeOrJava(LibCrypto library, SigningKey key) {
        RawSigner java = java(key);
        Optional<RawSigner> quick = accepted(library, key);
        return quick.map(signer -> (RawSigner) data -> {
            try {
                return signer.sign(data);
            } catch (SignatureException refused) {
                return java.sign(data);
            }
        }).orElse(java);
    }

    private static Optional<RawSigner> accepted(LibCrypto library, SigningKey key) {
        try {
            return Optional.of(library.signer(key));
        } catch (SignatureException refused) {
            return Optional.empty();
        }
    }

    private static RawSigner java(SigningKey key) {
        return switch (key.algorithm()) {
            case RSA_SHA256 -> rsa(key);
            case ED25519_SHA256 -> {
                Ed25519PrivateKeyParameters parameters = PublicKeys.ed25519(key);
                yield data -> {
                    // RFC 8463 §3: the hash is signed with PureEdDSA.
                    Hash hash = Hash.JDK.get();
                    hash.update(data, 0, data.length);
                    byte[] digest = hash.digest();
                    Ed25519Signer signer = new Ed25519Signer();
                    signer.init(true, parameters);
                    signer.update(digest, 0, digest.length);
                    return signer.generateSignature();
                };
            }
        };
    }

    private static RawSigner rsa(SigningKey key) {
        try {
            PrivateKey rsa = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key.pkcs8()));
            return data -> {
                Signature signature = Signature.getInstance("SHA256withRSA");
                signature.initSign(rsa);
                signature.update(data);
                return signature.sign();
            };
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a key that was read before", impossible);
        }
    }
}
