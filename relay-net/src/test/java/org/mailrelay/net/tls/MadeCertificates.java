package org.mailrelay.net.tls;

import io.netty.handler.ssl.util.LazyX509Certificate;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Certificates as an attacker, or a careless administrator, would have them made.
final class MadeCertificates {

    private static final AtomicLong SERIAL = new AtomicLong(1);
    static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

    /// @param certificate as the TLS library hands it on: not looked into
    record Made(X509Certificate certificate, String subject, KeyPair keys) {}

    private String subject = "CN=made";
    private KeyPair keys = newKeys();
    private Instant from = NOW.minus(Duration.ofDays(30));
    private Instant until = NOW.plus(Duration.ofDays(30));
    private boolean authority;
    private boolean clientOnly;
    private List<String> names = List.of();
    private String permitted = "";

    static MadeCertificates host(String... names) {
        MadeCertificates made = new MadeCertificates();
        made.names = List.of(names);
        return made;
    }

    static MadeCertificates authority(String subject) {
        MadeCertificates made = new MadeCertificates();
        made.authority = true;
        made.subject = "CN=" + subject;
        return made;
    }

    MadeCertificates named(String name) {
        subject = name;
        return this;
    }

    MadeCertificates noAuthority() {
        authority = false;
        return this;
    }

    MadeCertificates expired() {
        until = NOW.minus(Duration.ofDays(1));
        return this;
    }

    MadeCertificates notYetValid() {
        from = NOW.plus(Duration.ofDays(1));
        return this;
    }

    MadeCertificates clientOnly() {
        clientOnly = true;
        return this;
    }

    /// Name constraints: below this domain alone.
    MadeCertificates onlyBelow(String domain) {
        permitted = domain;
        return this;
    }

    MadeCertificates with(KeyPair given) {
        keys = given;
        return this;
    }

    Made selfSigned() {
        return signed(subject, keys);
    }

    Made by(Made issuer) {
        return signed(issuer.subject(), issuer.keys());
    }

    private Made signed(String issuer, KeyPair signer) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(new X500Name(issuer), BigInteger.valueOf(SERIAL.getAndIncrement()), Date.from(from), Date.from(until),
                    new X500Name(subject), keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false,
                        new GeneralNames(names.stream().map(n -> new GeneralName(GeneralName.dNSName, n)).toArray(GeneralName[]::new)));
            }
            if (clientOnly) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            }
            if (!permitted.isEmpty()) {
                builder.addExtension(Extension.nameConstraints, true, new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, permitted))}, null));
            }
            return new Made(new LazyX509Certificate((builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))).getEncoded()), subject, keys);
        } catch (IOException | OperatorCreationException failure) {
            throw new IllegalStateException(failure);
        }
    }

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
