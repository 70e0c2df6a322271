package org.mailrelay.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.tls.Trust;

/// TLS sockets of the JDK that trust whom a setting names. Reads files.
public final class ClientTrust {

    private ClientTrust() {
    }

    /// @throws IOException when a file holds no certificates
    public static SSLSocketFactory sockets(Trust trust) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(trust), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException unusable) {
            throw new IOException("trust " + trust + ": " + unusable.getMessage(), unusable);
        }
    }

    private static TrustManager[] managers(Trust trust) throws IOException, GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        @Nullable KeyStore system = null;
        factory.init(system);
        if (trust.files().isEmpty()) {
            return factory.getTrustManagers();
        }
        KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
        authorities.load(null, null);
        for (Path file : trust.files()) {
            try (InputStream in = Files.newInputStream(file)) {
                for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    authorities.setCertificateEntry("c" + authorities.size(), certificate);
                }
            }
        }
        if (trust.system()) {
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    for (Certificate certificate : x509.getAcceptedIssuers()) {
                        authorities.setCertificateEntry("c" + authorities.size(), certificate);
                    }
                }
            }
        }
        TrustManagerFactory ours = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        ours.init(authorities);
        return ours.getTrustManagers();
    }
}
