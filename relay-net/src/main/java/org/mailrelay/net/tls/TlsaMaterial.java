package org.mailrelay.net.tls;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.core.tls.TlsaRules;

/// Reads the data of a TLSA record, and compares them with a certificate (RFC 6698 §2.1).
public final class TlsaMaterial {

    private TlsaMaterial() {
    }

    /// [TlsaRules#usable], and full data are what they should be (RFC 7672 §2.2: others are unusable).
    public static boolean usable(TlsaRecord record) {
        if (!TlsaRules.usable(record) || record.matching() != TlsaRules.FULL) {
            return TlsaRules.usable(record);
        }
        if (record.selector() == TlsaRules.PUBLIC_KEY) {
            return key(record).isPresent();
        }
        return record.usage() == TlsaRules.DANE_EE ? keyOf(octets(record)).length > 0 : certificate(record).isPresent();
    }

    /// The certificate that a record with full data holds.
    static Optional<X509Certificate> certificate(TlsaRecord record) {
        if (record.selector() != TlsaRules.CERTIFICATE || record.matching() != TlsaRules.FULL) {
            return Optional.empty();
        }
        return ReadableCertificates.read(octets(record));
    }

    /// The public key that a record with full data holds.
    static Optional<PublicKey> key(TlsaRecord record) {
        if (record.selector() != TlsaRules.PUBLIC_KEY || record.matching() != TlsaRules.FULL) {
            return Optional.empty();
        }
        try {
            return Optional.of(new JcaPEMKeyConverter().getPublicKey(SubjectPublicKeyInfo.getInstance(octets(record))));
        } catch (IOException | RuntimeException notOne) {   // the library throws of both kinds for what is no key
            return Optional.empty();
        }
    }

    /// Of the octets: DANE-EE lets certificates pass that no library reads, such as one without an issuer's name (RFC 7671 §5.1).
    ///
    /// @param certificate DER
    static boolean matches(TlsaRecord record, byte[] certificate) {
        try {
            byte[] selected = record.selector() == TlsaRules.CERTIFICATE ? certificate : keyOf(certificate);
            byte[] wanted = switch (record.matching()) {
                case TlsaRules.FULL -> selected;
                case TlsaRules.SHA_256 -> MessageDigest.getInstance("SHA-256").digest(selected);
                case TlsaRules.SHA_512 -> MessageDigest.getInstance("SHA-512").digest(selected);
                default -> throw new IllegalStateException("not a record that can be used: " + record);
            };
            return MessageDigest.isEqual(wanted, octets(record));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-2", impossible);
        }
    }

    /// The subjectPublicKeyInfo as it stands in the certificate (RFC 5280 §4.1), not as a key object would write it again; empty
    /// where there is none.
    private static byte[] keyOf(byte[] certificate) {
        try {
            ASN1Sequence toBeSigned = ASN1Sequence.getInstance(ASN1Sequence.getInstance(certificate).getObjectAt(0));
            int version = toBeSigned.getObjectAt(0) instanceof ASN1TaggedObject ? 1 : 0;
            return toBeSigned.getObjectAt(version + 5).toASN1Primitive().getEncoded();
        } catch (IOException | RuntimeException notOne) {   // the library throws of both kinds
            return new byte[0];
        }
    }

    private static byte[] octets(TlsaRecord record) {
        return HexFormat.of().parseHex(record.data());
    }
}
