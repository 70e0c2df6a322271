package org.mailrelay.net.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;

/// Judges the chain that a finished handshake has shown.
public final class PeerChecks {

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final TrustStore trust = new TrustStore();
    private final InstantSource clock;

    public PeerChecks(InstantSource clock) {
        this.clock = clock;
    }

    /// Makes every check of the requirement, in its order.
    public HandshakeResult.Completed check(TlsRequirement requirement, List<X509Certificate> chain) {
        return new HandshakeResult.Completed(results(requirement.enforced(), chain), results(requirement.observed(), chain));
    }

    private List<CheckResult> results(List<TlsCheck> checks, List<X509Certificate> chain) {
        return checks.stream().map(check -> switch (check) {
            case TlsCheck.Pkix pkix -> pkix(pkix, chain);
        }).toList();
    }

    private CheckResult pkix(TlsCheck.Pkix check, List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return new CheckResult.Failed(check, TlsReason.CERTIFICATE_NOT_TRUSTED, "no certificate shown");
        }
        X509Certificate own = chain.getFirst();
        try {
            own.checkValidity(Date.from(clock.instant()));
            buildPath(check, chain);
            List<String> usage = own.getExtendedKeyUsage();
            if (usage != null && !usage.contains(SERVER_AUTH) && !usage.contains(ANY_USAGE)) {
                return new CheckResult.Failed(check, TlsReason.CERTIFICATE_NOT_TRUSTED, "not a server's certificate");
            }
        } catch (CertificateExpiredException | CertificateNotYetValidException outOfTime) {
            return new CheckResult.Failed(check, TlsReason.CERTIFICATE_EXPIRED, "valid from " + own.getNotBefore().toInstant() + " to " + own.getNotAfter().toInstant());
        } catch (CertPathBuilderException noPath) {
            return new CheckResult.Failed(check, reason(noPath), String.valueOf(noPath.getMessage()));
        } catch (GeneralSecurityException | IOException failed) {
            return new CheckResult.Failed(check, TlsReason.CERTIFICATE_NOT_TRUSTED, String.valueOf(failed.getMessage()));
        }
        List<String> presented = CertificateNames.of(own);
        Optional<String> match = check.names().stream()
                .filter(wanted -> presented.stream().anyMatch(name -> CertificateNames.matches(name, wanted))).findFirst();
        return match.<CheckResult>map(name -> new CheckResult.Passed(check, "PKIX name " + name))
                .orElseGet(() -> new CheckResult.Failed(check, TlsReason.HOST_MISMATCH, "none of " + check.names() + " in the certificate"));
    }

    /// The chain may come out of order or with more than is needed: a path is built, not merely followed (RFC 5280 §6).
    private void buildPath(TlsCheck.Pkix check, List<X509Certificate> chain) throws GeneralSecurityException, IOException {
        X509CertSelector own = new X509CertSelector();
        own.setCertificate(chain.getFirst());
        PKIXBuilderParameters ask = new PKIXBuilderParameters(trust.anchors(check.trust()), own);
        ask.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        ask.setRevocationEnabled(false);
        ask.setDate(Date.from(clock.instant()));
        ask.setMaxPathLength(8);
        CertPathBuilder.getInstance("PKIX").build(ask);
    }

    private static TlsReason reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathValidatorException invalid && invalid.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
                return TlsReason.CERTIFICATE_EXPIRED;
            }
        }
        return TlsReason.CERTIFICATE_NOT_TRUSTED;
    }
}
