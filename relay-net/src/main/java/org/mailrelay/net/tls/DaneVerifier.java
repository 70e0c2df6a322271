package org.mailrelay.net.tls;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.core.tls.TlsaRules;

/// Holds a chain against TLSA records (RFC 7672 §3.1). Any match suffices; one that is near fails with its own reason, so that
/// an expired certificate under the right authority is called expired. Any thread, no I/O.
///
/// The path to a DANE-TA is followed link by link, each certificate is used once and held against the records once, and after a hundred signatures the search ends: so
/// records and a chain that are made to be explored cost no more than a slow handshake.
final class DaneVerifier {

    private static final int MOST_CERTIFICATES = 20;
    private static final int MOST_LINKS = 8;
    private static final int SIGNATURES = 100;
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final TlsCheck.Dane check;
    /// The host's own, whether it can be read or not.
    private final Optional<byte[]> own;
    private final List<X509Certificate> chain;
    private final Instant now;
    private final List<TlsaRecord> records;
    private final Map<X509Certificate, Optional<TlsaRecord>> named = new IdentityHashMap<>();
    private int signatures;

    private DaneVerifier(TlsCheck.Dane check, List<X509Certificate> shown, Instant now) {
        this.check = check;
        this.own = shown.stream().findFirst().flatMap(ReadableCertificates::encoded);
        this.chain = ReadableCertificates.of(shown.stream().limit(MOST_CERTIFICATES).toList());
        this.now = now;
        this.records = TlsaRules.strongest(check.records().stream().filter(TlsaRules::usable).toList());
    }

    /// @param shown as the peer sent them
    static CheckResult verify(TlsCheck.Dane check, List<X509Certificate> shown, Instant now) {
        return new DaneVerifier(check, shown, now).verify();
    }

    private CheckResult verify() {
        if (own.isEmpty()) {
            return failed(TlsReason.DANE_MISMATCH, "no certificate shown");
        }
        Optional<TlsaRecord> match = of(TlsaRules.DANE_EE).filter(record -> TlsaMaterial.matches(record, own.get())).findFirst();
        if (match.isPresent()) {
            // RFC 7672 §3.1.1: names and dates of the certificate are not looked at
            return passed(match.get(), 0);
        }
        return underAnchor().orElseGet(() -> failed(TlsReason.DANE_MISMATCH, records.size() + (records.size() == 1 ? " record" : " records") + " of " + check.base()));
    }

    private Stream<TlsaRecord> of(int usage) {
        return records.stream().filter(record -> record.usage() == usage);
    }

    private CheckResult failed(TlsReason why, String detail) {
        return new CheckResult.Failed(check, why, detail);
    }

    private CheckResult passed(TlsaRecord record, int depth) {
        return new CheckResult.Passed(check, (record.usage() == TlsaRules.DANE_EE ? "DANE-EE " : "DANE-TA ") + record + " at depth " + depth);
    }

    /// From the host's certificate upwards to the first issuer that a record names. Empty: there is none.
    private Optional<CheckResult> underAnchor() {
        if (chain.isEmpty() || of(TlsaRules.DANE_TA).findAny().isEmpty()) {
            return Optional.empty();
        }
        List<X509Certificate> path = new ArrayList<>(List.of(chain.getFirst()));
        while (path.size() <= MOST_LINKS) {
            X509Certificate last = path.getLast();
            Optional<Anchor> anchor = anchorAbove(last);
            if (anchor.isPresent()) {
                return Optional.of(judge(path, anchor.get()));
            }
            Optional<X509Certificate> issuer = chain.stream().filter(c -> !path.contains(c)).filter(c -> issued(c, last)).max(Comparator.comparing(this::valid));
            if (issuer.isEmpty()) {
                return Optional.empty();
            }
            path.add(issuer.get());
        }
        return Optional.empty();
    }

    /// @param certificate empty for a bare key
    private record Anchor(TlsaRecord record, TrustAnchor trust, Optional<X509Certificate> certificate) {}

    /// RFC 7671 §5.2.2: a full certificate in DNS need not be in the chain; nor need a full key.
    private Optional<Anchor> anchorAbove(X509Certificate last) {
        Stream<Anchor> shown = chain.stream().skip(1).filter(c -> issued(c, last)).flatMap(c -> authority(c).stream().map(record -> anchor(record, c)));
        Stream<Anchor> published = of(TlsaRules.DANE_TA).flatMap(record -> TlsaMaterial.certificate(record).stream().filter(c -> issued(c, last)).map(c -> anchor(record, c)));
        Stream<Anchor> keys = of(TlsaRules.DANE_TA).flatMap(record -> TlsaMaterial.key(record).stream().filter(key -> signed(key, last))
                .map(key -> new Anchor(record, new TrustAnchor(last.getIssuerX500Principal(), key, null), Optional.empty())));
        return Stream.of(shown, published, keys).flatMap(s -> s).findFirst();
    }

    /// The record that names a certificate as authority.
    private Optional<TlsaRecord> authority(X509Certificate certificate) {
        return named.computeIfAbsent(certificate, one -> ReadableCertificates.encoded(one).flatMap(der -> of(TlsaRules.DANE_TA).filter(record -> TlsaMaterial.matches(record, der)).findFirst()));
    }

    private static Anchor anchor(TlsaRecord record, X509Certificate certificate) {
        return new Anchor(record, new TrustAnchor(certificate, null), Optional.of(certificate));
    }

    private boolean issued(X509Certificate issuer, X509Certificate subject) {
        return issuer.getSubjectX500Principal().equals(subject.getIssuerX500Principal()) && signed(issuer.getPublicKey(), subject);
    }

    private boolean signed(PublicKey key, X509Certificate subject) {
        if (++signatures > SIGNATURES) {
            return false;
        }
        try {
            subject.verify(key);
            return true;
        } catch (GeneralSecurityException | RuntimeException otherKey) {   // keys and signatures of an enemy's making throw what they like
            return false;
        }
    }

    private boolean valid(X509Certificate certificate) {
        return !now.isBefore(certificate.getNotBefore().toInstant()) && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    /// RFC 7671 §5.2: dates and the name count, as in any path to a trusted authority.
    private CheckResult judge(List<X509Certificate> path, Anchor anchor) {
        Optional<X509Certificate> outOfTime = Stream.concat(path.stream(), anchor.certificate().stream()).filter(c -> !valid(c)).findFirst();
        if (outOfTime.isPresent()) {
            return failed(TlsReason.CERTIFICATE_EXPIRED, "valid from " + outOfTime.get().getNotBefore().toInstant() + " to " + outOfTime.get().getNotAfter().toInstant());
        }
        try {
            if (anchor.certificate().filter(c -> !mayIssue(c)).isPresent()) {
                return failed(TlsReason.CERTIFICATE_NOT_TRUSTED, "what the TLSA record names is no authority");
            }
            PKIXParameters ask = new PKIXParameters(Set.of(anchor.trust()));
            ask.setRevocationEnabled(false);
            ask.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(path), ask);
            List<String> usage = path.getFirst().getExtendedKeyUsage();
            if (usage != null && !usage.contains(SERVER_AUTH) && !usage.contains(ANY_USAGE)) {
                return failed(TlsReason.CERTIFICATE_NOT_TRUSTED, "not a server's certificate");
            }
        } catch (GeneralSecurityException | RuntimeException broken) {
            return failed(TlsReason.CERTIFICATE_NOT_TRUSTED, String.valueOf(broken.getMessage()));
        }
        List<String> presented = CertificateNames.of(path.getFirst(), true);
        boolean named = check.names().stream().map(Domain::name).anyMatch(wanted -> presented.stream().anyMatch(name -> CertificateNames.matches(name, wanted)));
        return named ? passed(anchor.record(), anchor.certificate().isPresent() ? path.size() : path.size() - 1)
                : failed(TlsReason.HOST_MISMATCH, "none of " + check.names() + " in the certificate");
    }

    /// Certificates of version 1 cannot say whether they may.
    private static boolean mayIssue(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        return (certificate.getVersion() < 3 || certificate.getBasicConstraints() >= 0) && (usage == null || usage[5]);
    }
}
