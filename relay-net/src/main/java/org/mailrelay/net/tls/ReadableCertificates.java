package org.mailrelay.net.tls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads what a peer has shown. The TLS library hands on certificates that it has not looked into; whoever looks may meet octets
/// that the JDK takes for no certificate (no issuer's name, no end), and must not fall over them.
final class ReadableCertificates {

    private ReadableCertificates() {
    }

    /// Read to their ends, so that no later look fails; cut off before the first that cannot be read.
    static List<X509Certificate> of(List<X509Certificate> shown) {
        List<X509Certificate> read = new ArrayList<>(shown.size());
        for (X509Certificate certificate : shown) {
            Optional<X509Certificate> one = encoded(certificate).flatMap(ReadableCertificates::read);
            if (one.isEmpty()) {
                break;
            }
            read.add(one.get());
        }
        return List.copyOf(read);
    }

    static Optional<byte[]> encoded(X509Certificate certificate) {
        try {
            return Optional.of(certificate.getEncoded());
        } catch (GeneralSecurityException unreadable) {
            return Optional.empty();
        }
    }

    /// @param octets exactly one certificate (DER)
    static Optional<X509Certificate> read(byte[] octets) {
        try {
            return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(octets)) instanceof X509Certificate read
                    && read.getEncoded().length == octets.length ? Optional.of(read) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException notOne) {   // octets of an enemy's making throw what they like
            return Optional.empty();
        }
    }
}
