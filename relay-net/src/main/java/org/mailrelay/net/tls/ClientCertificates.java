package org.mailrelay.net.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.ClientCertificate.Vouched;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.Trust;

/// What the certificates of a listener's clients are worth (RFC 5280 §6). Any thread.
///
/// A judgement holds for ten minutes for the same chain, and never beyond the moment in which one of its certificates begins or ends.
final class ClientCertificates {

    private static final int MOST = 1_000;
    private static final int MOST_NAMES = 100;
    private static final int MAIL_ADDRESS = 1;
    private static final int DNS_NAME = 2;

    private final Set<TrustAnchor> authorities;
    private final List<X509CRL> revocations;
    private final InstantSource clock;
    private final Map<List<X509Certificate>, Judgement<Optional<ClientCertificate>>> judged = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<X509Certificate>, Judgement<Optional<ClientCertificate>>> eldest) {
            return size() > MOST;
        }
    };

    private ClientCertificates(Set<TrustAnchor> authorities, List<X509CRL> revocations, InstantSource clock) {
        this.authorities = authorities;
        this.revocations = revocations;
        this.clock = clock;
    }

    /// @throws IOException when a file cannot be read
    static ClientCertificates of(List<Path> files, List<Path> revocations, InstantSource clock) throws IOException {
        return new ClientCertificates(files.isEmpty() ? Set.of() : new TrustStore().anchors(new Trust(false, files)), RevocationLists.read(revocations), clock);
    }

    /// @param shown its own first
    /// @return empty where that cannot be read: it is as none
    Optional<ClientCertificate> judge(List<X509Certificate> shown) {
        Instant now = clock.instant();
        List<X509Certificate> chain = ReadableCertificates.of(shown);
        synchronized (judged) {
            Judgement<Optional<ClientCertificate>> known = judged.get(chain);
            if (known != null && known.holds(now)) {
                return known.result();
            }
        }
        Optional<ClientCertificate> certificate = chain.isEmpty() ? Optional.empty() : Optional.of(certificate(chain, now));
        synchronized (judged) {
            judged.put(chain, Judgement.of(certificate, chain, now));
        }
        return certificate;
    }

    private ClientCertificate certificate(List<X509Certificate> chain, Instant now) {
        X509Certificate own = chain.getFirst();
        Optional<TlsFault> fault = authorities.isEmpty() ? Optional.empty() : new CertificatePath(chain, authorities, now, CertificatePath.CLIENT_AUTH, revocations).fault();
        String why = authorities.isEmpty() ? "the listener has no client_authorities" : fault.map(found -> found.why().words() + ", " + found.detail()).orElse("");
        return new ClientCertificate(fingerprint(own), ClientCertificate.canonical(own.getSubjectX500Principal()), names(own), why.isEmpty() ? Vouched.AUTHORITY : Vouched.NOBODY, why);
    }

    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            for (List<?> name : Objects.requireNonNullElse(certificate.getSubjectAlternativeNames(), List.<List<?>>of())) {
                boolean counts = name.getFirst().equals(DNS_NAME) || name.getFirst().equals(MAIL_ADDRESS);
                if (counts && names.size() < MOST_NAMES && name.get(1) instanceof String text && text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                    names.add(ClientCertificate.lower(text));
                }
            }
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
        return names;
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a certificate that was read and cannot be encoded", impossible);
        }
    }

    /// Tells clients which authorities count, so that one with several certificates finds the right one, and takes all that is shown: the
    /// judgement comes behind the handshake, where a resumed session is judged as well.
    X509TrustManager inTheHandshake() {
        return new TakesAll(authorities.stream().map(TrustAnchor::getTrustedCert).toArray(X509Certificate[]::new));
    }

    private static final class TakesAll extends X509ExtendedTrustManager {

        private final X509Certificate[] issuers;

        private TakesAll(X509Certificate[] issuers) {
            this.issuers = issuers;
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return issuers.clone();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("a listener has no servers");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            checkServerTrusted(chain, type);
        }
    }
}
