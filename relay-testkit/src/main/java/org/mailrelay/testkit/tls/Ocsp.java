package org.mailrelay.testkit.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/// OCSP responses as a responder of the tests makes them (RFC 6960).
public final class Ocsp {

    public enum Status { GOOD, REVOKED, UNKNOWN }

    private Ocsp() {
    }

    /// @param issuer of the certificate, as the response names it
    /// @param signer signs the response
    /// @param until  null: it does not say
    public static byte[] response(X509Certificate certificate, X509Certificate issuer, CertificateForge.Signer signer, Status status, Instant from, @Nullable Instant until) {
        try {
            CertificateStatus said = switch (status) {
                case GOOD -> CertificateStatus.GOOD;
                case REVOKED -> new RevokedStatus(Date.from(from.minusSeconds(3600)), 1);
                case UNKNOWN -> new UnknownStatus();
            };
            CertificateID id = new CertificateID(new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1), new JcaX509CertificateHolder(issuer), certificate.getSerialNumber());
            BasicOCSPRespBuilder builder = new BasicOCSPRespBuilder(new RespID(new X500Name(signer.certificate().getSubjectX500Principal().getName())));
            builder.addResponse(id, said, Date.from(from), until == null ? null : Date.from(until), null);
            X509CertificateHolder[] appointed = List.of(new JcaX509CertificateHolder(signer.certificate())).toArray(X509CertificateHolder[]::new);
            return new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL,
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.keys().getPrivate()), appointed, Date.from(from))).getEncoded();
        } catch (OCSPException | OperatorCreationException | GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
