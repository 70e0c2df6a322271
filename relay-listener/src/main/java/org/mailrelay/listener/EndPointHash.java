package org.mailrelay.listener;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.mailrelay.core.auth.ChannelBinding;
import org.mailrelay.core.smtp.Ascii;

/// `tls-server-end-point` of a certificate (RFC 5929 §4.1): hashed as its signature was, with SHA-256 in place of MD5 and SHA-1. A signature
/// without a digest of its own, such as Ed25519, leaves it undefined.
final class EndPointHash {

    private EndPointHash() {
    }

    static ChannelBinding of(X509Certificate certificate) {
        String signature = Ascii.upper(certificate.getSigAlgName());
        String digest = signature.startsWith("SHA384") ? "SHA-384" : signature.startsWith("SHA512") ? "SHA-512"
                : signature.startsWith("SHA256") || signature.startsWith("SHA1") || signature.startsWith("MD5") ? "SHA-256" : "";
        if (digest.isEmpty()) {
            return ChannelBinding.NONE;
        }
        try {
            return new ChannelBinding(Optional.of(MessageDigest.getInstance(digest).digest(certificate.getEncoded())));
        } catch (NoSuchAlgorithmException | CertificateEncodingException unusable) {
            return ChannelBinding.NONE;
        }
    }
}
