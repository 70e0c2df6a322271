package org.mailrelay.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.tls.Trust;

/// The authorities that a [Trust] names, read once.
final class TrustStore {

    private final ConcurrentHashMap<Trust, Set<TrustAnchor>> read = new ConcurrentHashMap<>();

    /// @throws IOException when a file cannot be read
    Set<TrustAnchor> anchors(Trust trust) throws IOException {
        Set<TrustAnchor> known = read.get(trust);
        if (known != null) {
            return known;
        }
        Set<TrustAnchor> anchors = new HashSet<>();
        try {
            if (trust.system()) {
                addSystem(anchors);
            }
            for (Path file : trust.files()) {
                try (InputStream in = Files.newInputStream(file)) {
                    CertificateFactory.getInstance("X.509").generateCertificates(in)
                            .forEach(c -> anchors.add(new TrustAnchor((X509Certificate) c, null)));
                }
            }
        } catch (GeneralSecurityException unreadable) {
            throw new IOException("trust " + trust + ": " + unreadable.getMessage(), unreadable);
        }
        read.put(trust, Set.copyOf(anchors));
        return anchors;
    }

    private static void addSystem(Set<TrustAnchor> anchors) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        @Nullable KeyStore theSystems = null;
        factory.init(theSystems);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                for (X509Certificate authority : x509.getAcceptedIssuers()) {
                    anchors.add(new TrustAnchor(authority, null));
                }
            }
        }
    }
}
