package org.mailrelay.net.tls;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;

/// Looks for a path from a peer's certificate to an authority, among what the host sent (RFC 5280 §6). One use for one chain; one thread.
///
/// The chain may come out of order or with more than is needed, so a path is searched, not merely followed. What the peer sends decides how long a
/// search takes: certificates beyond the first twenty are not looked at, a path has at most eight, and after a hundred signatures it ends.
final class CertificatePath {

    private static final int LOOKED_AT = 20;
    private static final int LONGEST = 8;
    private static final int SIGNATURES = 100;
    private static final int RSA_BITS = 2048;
    private static final int EC_BITS = 224;
    static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final List<X509Certificate> sent;
    private final Set<TrustAnchor> anchors;
    private final Instant now;
    private final String purpose;
    private final List<X509CRL> revocations;
    private int signatures;
    private TlsFault worst = new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, "no path to an authority that is trusted");

    /// Of a server's certificate.
    CertificatePath(List<X509Certificate> chain, Set<TrustAnchor> anchors, Instant now) {
        this(chain, anchors, now, SERVER_AUTH, List.of());
    }

    /// @param purpose     what the certificate must be good for (RFC 5280 §4.2.1.12)
    /// @param revocations with any, each certificate's issuer must have one that holds now (RFC 5280 §6.3); nothing is fetched
    CertificatePath(List<X509Certificate> chain, Set<TrustAnchor> anchors, Instant now, String purpose, List<X509CRL> revocations) {
        this.sent = chain.subList(0, Math.min(chain.size(), LOOKED_AT));
        this.anchors = anchors;
        this.now = now;
        this.purpose = purpose;
        this.revocations = revocations;
    }

    /// What is wrong; empty where a path was found.
    Optional<TlsFault> fault() {
        if (sent.isEmpty()) {
            return Optional.of(new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, "no certificate shown that can be read"));
        }
        X509Certificate own = sent.getFirst();
        if (now.isBefore(own.getNotBefore().toInstant()) || now.isAfter(own.getNotAfter().toInstant())) {
            return Optional.of(new TlsFault(TlsReason.CERTIFICATE_EXPIRED, "valid from " + own.getNotBefore().toInstant() + " to " + own.getNotAfter().toInstant()));
        }
        return leads(new ArrayList<>(List.of(own))) ? usage(own) : Optional.of(worst);
    }

    private Optional<TlsFault> usage(X509Certificate own) {
        try {
            List<String> usage = own.getExtendedKeyUsage();
            return usage == null || usage.contains(purpose) || usage.contains(ANY_USAGE) ? Optional.empty()
                    : Optional.of(new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, purpose.equals(SERVER_AUTH) ? "not a server's certificate" : "not a client's certificate"));
        } catch (GeneralSecurityException unreadable) {
            return Optional.of(new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, "extended key usage cannot be read"));
        }
    }

    private boolean leads(List<X509Certificate> path) {
        X509Certificate last = path.getLast();
        for (TrustAnchor anchor : anchors) {
            X509Certificate authority = anchor.getTrustedCert();
            if (authority.equals(last) && path.size() > 1) {
                return valid(path.subList(0, path.size() - 1), anchor);
            }
            if (authority.equals(last) || authority.getSubjectX500Principal().equals(last.getIssuerX500Principal()) && signed(last, authority.getPublicKey())) {
                if (valid(path, anchor)) {
                    return true;
                }
            }
        }
        if (path.size() >= LONGEST) {
            return false;
        }
        for (X509Certificate next : sent) {
            if (!path.contains(next) && next.getSubjectX500Principal().equals(last.getIssuerX500Principal()) && signed(last, next.getPublicKey())) {
                path.add(next);
                if (leads(path)) {
                    return true;
                }
                path.removeLast();
            }
        }
        return false;
    }

    private boolean signed(X509Certificate certificate, PublicKey key) {
        if (++signatures > SIGNATURES) {
            worst = new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, "too many certificates to find a path among");
            return false;
        }
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException | RuntimeException notByIt) {   // keys and signatures of an enemy's making throw what they like
            return false;
        }
    }

    private boolean valid(List<X509Certificate> path, TrustAnchor anchor) {
        Optional<TlsFault> weak = path.stream().flatMap(certificate -> weakness(certificate).stream()).findFirst();
        if (weak.isPresent()) {
            worst = weak.get();
            return false;
        }
        try {
            PKIXParameters ask = new PKIXParameters(Set.of(anchor));
            ask.setRevocationEnabled(false);
            ask.setDate(Date.from(now));
            CertPath certificates = CertificateFactory.getInstance("X.509").generateCertPath(path);
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            if (!revocations.isEmpty()) {
                PKIXRevocationChecker lists = (PKIXRevocationChecker) validator.getRevocationChecker();
                lists.setOptions(EnumSet.of(PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
                ask.addCertPathChecker(lists);
                ask.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(revocations)));
            }
            validator.validate(certificates, ask);
            return true;
        } catch (CertPathValidatorException invalid) {
            if (invalid.getReason() == CertPathValidatorException.BasicReason.REVOKED) {
                worst = new TlsFault(TlsReason.CERTIFICATE_REVOKED, String.valueOf(invalid.getMessage()));
                return false;
            }
            boolean outOfTime = invalid.getReason() == CertPathValidatorException.BasicReason.EXPIRED
                    || invalid.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID;
            boolean untold = invalid.getReason() == CertPathValidatorException.BasicReason.UNDETERMINED_REVOCATION_STATUS;
            worst = new TlsFault(outOfTime ? TlsReason.CERTIFICATE_EXPIRED : TlsReason.CERTIFICATE_NOT_TRUSTED,
                    (untold ? "no revocation list of an issuer that holds now: " : "") + invalid.getMessage());
            return false;
        } catch (GeneralSecurityException | RuntimeException unreadable) {
            worst = new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, String.valueOf(unreadable.getMessage()));
            return false;
        }
    }

    /// RFC 9325 §4.5: at least 112 bits of strength; no signature on a broken digest.
    private static Optional<TlsFault> weakness(X509Certificate certificate) {
        String words = switch (certificate.getPublicKey()) {
            case RSAPublicKey rsa when rsa.getModulus().bitLength() < RSA_BITS -> "RSA key of " + rsa.getModulus().bitLength() + " bits";
            case ECPublicKey curve when curve.getParams().getCurve().getField().getFieldSize() < EC_BITS -> "EC key of " + curve.getParams().getCurve().getField().getFieldSize() + " bits";
            default -> "";
        };
        String algorithm = certificate.getSigAlgName();
        if (algorithm.startsWith("SHA1") || algorithm.startsWith("MD")) {
            words = "signed with " + algorithm;
        }
        return words.isEmpty() ? Optional.empty() : Optional.of(new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, words));
    }
}
