package org.mailrelay.testkit.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority of the tests' own, made anew each time.
public final class TestCa {

    /// A certificate with its chain and key.
    public record Identity(List<X509Certificate> chain, PrivateKey key) {

        /// Writes `NAME.pem` (chain) and `NAME.key` (PKCS #8).
        public PemFiles write(Path folder, String name) {
            try {
                Path chainFile = folder.resolve(name + ".pem");
                Path keyFile = folder.resolve(name + ".key");
                StringBuilder text = new StringBuilder();
                for (X509Certificate certificate : chain) {
                    text.append(pem("CERTIFICATE", certificate.getEncoded()));
                }
                Files.writeString(chainFile, text);
                Files.writeString(keyFile, pem("PRIVATE KEY", key.getEncoded()));
                return new PemFiles(chainFile, keyFile);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// Where an identity was written.
    public record PemFiles(Path chain, Path key) {}

    private final Instant now;
    private final AtomicLong serial = new AtomicLong(1);
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;

    public TestCa(Instant now) {
        this.now = now;
        this.certificate = sign("CN=Test CA", keys, List.of(), now.plus(Duration.ofDays(3650)), true);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// Writes the authority's certificate, for `trust` files.
    public Path write(Path folder) {
        return new Identity(List.of(certificate), keys.getPrivate()).write(folder, "ca").chain();
    }

    public Identity good(String... names) {
        return issue(now.plus(Duration.ofDays(30)), names);
    }

    public Identity expired(String... names) {
        return issue(now.minus(Duration.ofDays(1)), names);
    }

    /// Names the host in its common name only.
    public Identity commonNameOnly(String name) {
        KeyPair own = newKeys();
        return new Identity(List.of(sign("CN=" + name, own, List.of(), now.plus(Duration.ofDays(30)), false), certificate), own.getPrivate());
    }

    /// Signed by its own key: nobody vouches for it.
    public Identity selfSigned(String name) {
        TestCa own = new TestCa(now);
        X509Certificate alone = own.sign("CN=Test CA", own.keys, List.of(name), now.plus(Duration.ofDays(30)), false);
        return new Identity(List.of(alone), own.keys.getPrivate());
    }

    private Identity issue(Instant notAfter, String... names) {
        KeyPair own = newKeys();
        return new Identity(List.of(sign("CN=test", own, List.of(names), notAfter, false), certificate), own.getPrivate());
    }

    private X509Certificate sign(String subject, KeyPair own, List<String> names, Instant notAfter, boolean authority) {
        try {
            X500Name issuer = new X500Name("CN=Test CA");
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer, BigInteger.valueOf(serial.getAndIncrement()),
                    Date.from(now.minus(Duration.ofDays(60))), Date.from(notAfter), new X500Name(subject), own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!names.isEmpty()) {
                GeneralName[] san = names.stream().map(n -> new GeneralName(GeneralName.dNSName, n)).toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(san));
            }
            return new JcaX509CertificateConverter().getCertificate(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }
}
