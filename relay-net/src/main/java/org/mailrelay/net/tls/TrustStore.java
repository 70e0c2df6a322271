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
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.tls.Trust;

/// The authorities that a [Trust] names, read once, and again where a file has changed.
final class TrustStore {

    private record Read(Set<TrustAnchor> anchors, List<Long> written) {}

    private final ConcurrentHashMap<Trust, Read> read = new ConcurrentHashMap<>();

    /// @throws IOException when a file cannot be read
    Set<TrustAnchor> anchors(Trust trust) throws IOException {
        Read known = read.get(trust);
        return known != null ? known.anchors() : load(trust);
    }

    /// Reads it anew where a file has changed since; one that cannot be read now leaves what was read before. Blocks.
    ///
    /// @return true when there are other authorities than before
    boolean refresh(Trust trust) {
        Read known = read.get(trust);
        if (known == null || known.written().equals(written(trust))) {
            return false;
        }
        try {
            return !load(trust).equals(known.anchors());
        } catch (IOException halfWritten) {
            return false;
        }
    }

    void forget() {
        read.clear();
    }

    private static List<Long> written(Trust trust) {
        return trust.files().stream().map(file -> file.toFile().lastModified()).toList();
    }

    private Set<TrustAnchor> load(Trust trust) throws IOException {
        List<Long> written = written(trust);
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
        read.put(trust, new Read(Set.copyOf(anchors), written));
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
