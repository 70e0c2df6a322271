package org.mailrelay.app.demo;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The demo's certificate authority, made anew each time, and the certificates of its mail hosts.
final class DemoCertificates {

    private static final char[] NO_PASSWORD = new char[0];
    private static final X500Principal AUTHORITY = new X500Principal("CN=mailrelay demo authority");

    private final Instant now;
    private final KeyPair keys;
    private final X509Certificate authority;

    DemoCertificates(Instant now) throws IOException, GeneralSecurityException {
        this.now = now;
        this.keys = keys();
        this.authority = certificate(AUTHORITY, keys, Duration.ofDays(1), Extension.basicConstraints, new BasicConstraints(true));
    }

    /// What a relay has to trust.
    void writeAuthority(Path file) throws IOException, GeneralSecurityException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(authority.getEncoded());
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
    }

    /// A server context whose certificate names `host` and is valid from now to `validFor`; a negative time makes one that has expired.
    SSLContext context(String host, Duration validFor) throws IOException, GeneralSecurityException {
        KeyPair own = keys();
        X509Certificate leaf = certificate(new X500Principal("CN=" + host), own, validFor, Extension.subjectAlternativeName,
                new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(host, own.getPrivate(), NO_PASSWORD, new X509Certificate[] {leaf, authority});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private X509Certificate certificate(X500Principal subject, KeyPair of, Duration validFor, ASN1ObjectIdentifier extension, ASN1Encodable value)
            throws IOException, GeneralSecurityException {
        Instant end = now.plus(validFor);
        Instant start = (end.isBefore(now) ? end : now).minus(Duration.ofDays(30));
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(AUTHORITY, new BigInteger(64, new SecureRandom()), Date.from(start), Date.from(end), subject,
                    of.getPublic());
            builder.addExtension(extension, true, value);
            return new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (OperatorCreationException noSigner) {
            throw new GeneralSecurityException(noSigner);
        }
    }
}
