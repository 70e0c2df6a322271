package org.mailrelay.testkit.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Makes certificates that no honest authority would.
public final class CertificateForge {

    private static final AtomicLong SERIAL = new AtomicLong(1);

    private CertificateForge() {
    }

    /// A certificate and its key, able to sign others whatever it says of itself.
    public record Signer(X509Certificate certificate, KeyPair keys) {

        /// A certificate under this one.
        public Signer sign(Wanted wanted) {
            return make(wanted, new X500Name(certificate.getSubjectX500Principal().getName()), keys);
        }

        /// A list of what it has revoked, DER.
        ///
        /// @param until when the next one is due
        public byte[] revoked(Instant from, Instant until, X509Certificate... certificates) {
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(certificate.getSubjectX500Principal(), Date.from(from));
            builder.setNextUpdate(Date.from(until));
            for (X509Certificate each : certificates) {
                builder.addCRLEntry(each.getSerialNumber(), Date.from(from), CRLReason.keyCompromise);
            }
            try {
                return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())).getEncoded();
            } catch (IOException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// What a certificate should be. Start from [#host] or [#authority] and change what is to be wrong.
    public static final class Wanted {
        private final String subject;
        private Instant from;
        private Instant until;
        private boolean authority;
        private KeyPair keys = CertificateForge.keys("EC", 256);
        private String signature = "SHA256with";
        private Consumer<JcaX509v3CertificateBuilder> extensions = _ -> { };

        private Wanted(String subject, Instant now, boolean authority) {
            this.subject = subject;
            this.from = now.minus(Duration.ofDays(30));
            this.until = now.plus(Duration.ofDays(30));
            this.authority = authority;
        }

        public static Wanted host(Instant now, String... names) {
            Wanted wanted = new Wanted("CN=host", now, false);
            return names.length == 0 ? wanted : wanted.names(names);
        }

        public static Wanted named(Instant now, String subject) {
            return new Wanted(subject, now, false);
        }

        public static Wanted authority(Instant now, String subject) {
            return new Wanted(subject, now, true);
        }

        public Wanted names(String... names) {
            GeneralName[] all = new GeneralName[names.length];
            for (int i = 0; i < names.length; i++) {
                all[i] = new GeneralName(GeneralName.dNSName, names[i]);
            }
            return names(all);
        }

        public Wanted names(GeneralName... names) {
            return with(Extension.subjectAlternativeName, new GeneralNames(names));
        }

        public Wanted with(ASN1ObjectIdentifier extension, ASN1Encodable value) {
            Consumer<JcaX509v3CertificateBuilder> before = extensions;
            extensions = builder -> {
                before.accept(builder);
                try {
                    builder.addExtension(extension, extension.equals(Extension.nameConstraints), value);
                } catch (CertIOException e) {
                    throw new IllegalStateException(e);
                }
            };
            return this;
        }

        public Wanted valid(Instant first, Instant last) {
            from = first;
            until = last;
            return this;
        }

        public Wanted notAuthority() {
            authority = false;
            return this;
        }

        public Wanted keys(KeyPair own) {
            keys = own;
            return this;
        }

        /// Of the certificate's own signature, such as `SHA1with`; the key's algorithm follows.
        public Wanted signature(String digest) {
            signature = digest;
            return this;
        }
    }

    /// Signed by its own key.
    public static Signer root(Wanted wanted) {
        return make(wanted, new X500Name(wanted.subject), wanted.keys);
    }

    private static Signer make(Wanted wanted, X500Name issuer, KeyPair signing) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer, BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(wanted.from), Date.from(wanted.until), new X500Name(wanted.subject), wanted.keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(wanted.authority));
            wanted.extensions.accept(builder);
            String algorithm = wanted.signature + (signing.getPrivate().getAlgorithm().equals("RSA") ? "RSA" : "ECDSA");
            return new Signer(new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(signing.getPrivate()))), wanted.keys);
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @param bits of an RSA key, or of an EC key on a NIST curve
    public static KeyPair keys(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
