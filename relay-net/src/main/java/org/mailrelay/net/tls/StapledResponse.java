package org.mailrelay.net.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/// Reads a stapled OCSP response by RFC 6960 §3.2: it speaks of this certificate, is signed by its issuer or by whom the issuer has appointed, and is of now.
/// Whatever else the octets are, they are no statement; none of them makes this throw.
final class StapledResponse {

    /// A response holds a status and a certificate or two.
    private static final int MOST_OCTETS = 64 << 10;
    private static final int MOST_CERTIFICATES = 4;
    private static final int MOST_RESPONSES = 16;
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);
    /// Where the response does not say when it ends (RFC 6960 §2.4): newer ones are to be had all the time.
    private static final Duration WITHOUT_END = Duration.ofDays(7);

    private StapledResponse() {
    }

    /// @param staple  as it came; empty where nothing came
    /// @param chain   the host's certificate first
    /// @param anchors may have issued it
    static StapledStatus status(byte[] staple, List<X509Certificate> chain, Collection<TrustAnchor> anchors, Instant now) {
        if (staple.length == 0) {
            return new StapledStatus.Absent();
        }
        if (chain.isEmpty() || staple.length > MOST_OCTETS) {
            return new StapledStatus.Unusable(chain.isEmpty() ? "no certificate that it could be of" : "more than " + MOST_OCTETS + " octets");
        }
        try {
            OCSPResp response = new OCSPResp(staple);
            if (response.getStatus() != OCSPResp.SUCCESSFUL || !(response.getResponseObject() instanceof BasicOCSPResp basic)) {
                return new StapledStatus.Unusable("response status " + response.getStatus());
            }
            return status(basic, chain, anchors, now);
        } catch (IOException | OCSPException | OperatorCreationException | CertException | GeneralSecurityException | RuntimeException broken) {   // octets of an enemy's making
            return new StapledStatus.Unusable("cannot be read");
        }
    }

    private static StapledStatus status(BasicOCSPResp response, List<X509Certificate> chain, Collection<TrustAnchor> anchors, Instant now)
            throws OCSPException, OperatorCreationException, CertException, GeneralSecurityException, IOException {
        X509Certificate own = chain.getFirst();
        for (X509Certificate issuer : issuers(own, chain, anchors)) {
            Optional<SingleResp> of = of(response, own, issuer);
            if (of.isPresent()) {
                if (!signed(response, issuer, now)) {
                    return new StapledStatus.Unusable("not signed by the issuer of the certificate");
                }
                return timely(of.get(), now);
            }
        }
        return new StapledStatus.Unusable("of another certificate");
    }

    private static List<X509Certificate> issuers(X509Certificate own, List<X509Certificate> chain, Collection<TrustAnchor> anchors) {
        List<X509Certificate> issuers = new ArrayList<>();
        chain.stream().skip(1).limit(MOST_CERTIFICATES).filter(one -> issued(one, own)).forEach(issuers::add);
        anchors.stream().map(TrustAnchor::getTrustedCert).filter(one -> one != null && issued(one, own)).limit(1).forEach(issuers::add);
        return issuers;
    }

    private static boolean issued(X509Certificate issuer, X509Certificate subject) {
        if (!issuer.getSubjectX500Principal().equals(subject.getIssuerX500Principal())) {
            return false;
        }
        try {
            subject.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException notByIt) {
            return false;
        }
    }

    private static Optional<SingleResp> of(BasicOCSPResp response, X509Certificate own, X509Certificate issuer) throws OperatorCreationException, OCSPException, GeneralSecurityException {
        X509CertificateHolder holder = new JcaX509CertificateHolder(issuer);
        SingleResp[] all = response.getResponses();
        for (int i = 0; i < Math.min(all.length, MOST_RESPONSES); i++) {
            if (all[i].getCertID().getSerialNumber().equals(own.getSerialNumber()) && all[i].getCertID().matchesIssuer(holder, new JcaDigestCalculatorProviderBuilder().build())) {
                return Optional.of(all[i]);
            }
        }
        return Optional.empty();
    }

    /// RFC 6960 §4.2.2.2: by the issuer itself, or by a certificate that it has issued for this purpose.
    private static boolean signed(BasicOCSPResp response, X509Certificate issuer, Instant now) throws OperatorCreationException, CertException, OCSPException, GeneralSecurityException, IOException {
        if (response.isSignatureValid(new JcaContentVerifierProviderBuilder().build(issuer))) {
            return true;
        }
        X509CertificateHolder[] appointed = response.getCerts();
        for (int i = 0; i < Math.min(appointed.length, MOST_CERTIFICATES); i++) {
            X509Certificate responder = new JcaX509CertificateConverter().getCertificate(appointed[i]);
            List<String> purposes = responder.getExtendedKeyUsage();
            boolean valid = !now.isBefore(responder.getNotBefore().toInstant()) && !now.isAfter(responder.getNotAfter().toInstant());
            if (valid && purposes != null && purposes.contains(KeyPurposeId.id_kp_OCSPSigning.getId()) && issued(issuer, responder)
                    && response.isSignatureValid(new JcaContentVerifierProviderBuilder().build(responder))) {
                return true;
            }
        }
        return false;
    }

    private static StapledStatus timely(SingleResp single, Instant now) {
        Instant from = single.getThisUpdate().toInstant();
        Instant until = single.getNextUpdate() == null ? from.plus(WITHOUT_END) : single.getNextUpdate().toInstant();
        if (now.isBefore(from.minus(CLOCKS_DIFFER)) || now.isAfter(until.plus(CLOCKS_DIFFER))) {
            return new StapledStatus.Unusable("of " + from + " until " + until);
        }
        CertificateStatus status = single.getCertStatus();
        if (status == CertificateStatus.GOOD) {   // which is null
            return new StapledStatus.Good(from);
        }
        return status instanceof RevokedStatus revoked ? new StapledStatus.Revoked(revoked.getRevocationTime().toInstant()) : new StapledStatus.Unusable("its responder does not know the certificate");
    }
}
