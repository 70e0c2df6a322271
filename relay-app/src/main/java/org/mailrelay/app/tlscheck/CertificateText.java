package org.mailrelay.app.tlscheck;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.mailrelay.core.smtp.Escape;

/// A certificate in words. All of it came from afar, so all of it is escaped.
record CertificateText(String subject, List<String> names, String issuer, String from, String until) {

    private static final int DNS_NAME = 2;
    private static final int MOST_NAMES = 20;

    CertificateText {
        names = List.copyOf(names);
    }

    /// DANE-EE lets certificates pass that no library reads.
    static CertificateText of(X509Certificate certificate) {
        try {
            return read(certificate);
        } catch (IllegalStateException unreadable) {   // how the TLS library says that it cannot be parsed
            return new CertificateText("a certificate that cannot be read", List.of(), "unknown", "unknown", "unknown");
        }
    }

    private static CertificateText read(X509Certificate certificate) {
        return new CertificateText(shown(certificate.getSubjectX500Principal().getName()), names(certificate), shown(certificate.getIssuerX500Principal().getName()),
                certificate.getNotBefore().toInstant().toString(), certificate.getNotAfter().toInstant().toString());
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            return all == null ? List.of() : all.stream().filter(name -> name.getFirst().equals(DNS_NAME)).limit(MOST_NAMES)
                    .map(name -> shown(String.valueOf(name.get(1)))).toList();
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
    }

    private static String shown(String text) {
        return Escape.text(text, Escape.LOG_LIMIT);
    }
}
