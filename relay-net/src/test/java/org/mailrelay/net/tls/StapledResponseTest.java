package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.Ocsp;

/// R-TLS-7: a stapled "revoked" counts where it is the issuer's word, of this certificate, of now (RFC 6960 §3.2); nothing else counts.
class StapledResponseTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Instant FROM = NOW.minus(Duration.ofHours(12));
    private static final Instant UNTIL = NOW.plus(Duration.ofDays(3));
    private static final Signer CA = CertificateForge.root(Wanted.authority(NOW, "CN=CA"));
    private static final Signer OTHER_CA = CertificateForge.root(Wanted.authority(NOW, "CN=CA"));
    private static final X509Certificate HOST = CA.sign(Wanted.host(NOW, "mx1.example.com")).certificate();
    private static final X509Certificate OTHER_HOST = CA.sign(Wanted.host(NOW, "mx2.example.com")).certificate();
    private static final List<X509Certificate> CHAIN = List.of(HOST, CA.certificate());
    private static final Set<TrustAnchor> ANCHORS = Set.of(new TrustAnchor(CA.certificate(), null));

    private static StapledStatus status(byte[] staple) {
        return StapledResponse.status(staple, CHAIN, ANCHORS, NOW);
    }

    private static byte[] said(Ocsp.Status status, Signer by) {
        return Ocsp.response(HOST, CA.certificate(), by, status, FROM, UNTIL);
    }

    @Test
    void aRevocationIsHeardAndSoIsAGoodWord() {
        assertThat(status(said(Ocsp.Status.REVOKED, CA))).isEqualTo(new StapledStatus.Revoked(FROM.minusSeconds(3600)));
        assertThat(status(said(Ocsp.Status.GOOD, CA))).isEqualTo(new StapledStatus.Good(FROM));
        assertThat(status(new byte[0])).isEqualTo(new StapledStatus.Absent());
        assertThat(status(said(Ocsp.Status.UNKNOWN, CA))).isInstanceOf(StapledStatus.Unusable.class);
    }

    @Test
    void theIssuerNeedNotBeShownWhereItIsTrusted() {
        assertThat(StapledResponse.status(said(Ocsp.Status.REVOKED, CA), List.of(HOST), ANCHORS, NOW)).isInstanceOf(StapledStatus.Revoked.class);
        assertThat(StapledResponse.status(said(Ocsp.Status.REVOKED, CA), List.of(HOST), Set.of(), NOW)).isEqualTo(new StapledStatus.Unusable("of another certificate"));
    }

    /// RFC 6960 §4.2.2.2: "id-kp-OCSPSigning" in a certificate "issued directly by the CA that is identified in the request".
    @Test
    void whomTheIssuerAppointedMaySignAndNobodyElse() {
        ExtendedKeyUsage signing = new ExtendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning);
        Signer appointed = CA.sign(Wanted.named(NOW, "CN=responder").with(Extension.extendedKeyUsage, signing));
        assertThat(status(said(Ocsp.Status.REVOKED, appointed))).isInstanceOf(StapledStatus.Revoked.class);
        Signer expired = CA.sign(Wanted.named(NOW, "CN=responder").with(Extension.extendedKeyUsage, signing).valid(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(1))));
        for (Signer by : List.of(OTHER_CA, CA.sign(Wanted.named(NOW, "CN=no purpose")), OTHER_CA.sign(Wanted.named(NOW, "CN=theirs").with(Extension.extendedKeyUsage, signing)), expired,
                CA.sign(Wanted.named(NOW, "CN=server").with(Extension.extendedKeyUsage, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))))) {
            assertThat(status(said(Ocsp.Status.REVOKED, by))).isEqualTo(new StapledStatus.Unusable("not signed by the issuer of the certificate"));
        }
    }

    @Test
    void whatIsOfAnotherCertificateOrIssuerSaysNothing() {
        assertThat(status(Ocsp.response(OTHER_HOST, CA.certificate(), CA, Ocsp.Status.REVOKED, FROM, UNTIL))).isEqualTo(new StapledStatus.Unusable("of another certificate"));
        assertThat(status(Ocsp.response(HOST, OTHER_CA.certificate(), OTHER_CA, Ocsp.Status.REVOKED, FROM, UNTIL))).isEqualTo(new StapledStatus.Unusable("of another certificate"));
        assertThat(StapledResponse.status(said(Ocsp.Status.REVOKED, CA), List.of(), ANCHORS, NOW)).isInstanceOf(StapledStatus.Unusable.class);
    }

    @Test
    void whatIsOutOfDateSaysNothing() {
        record Time(Instant from, Instant until, boolean counts) {}
        for (Time time : List.of(new Time(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofMinutes(6)), false), new Time(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofMinutes(4)), true),
                new Time(NOW.plus(Duration.ofMinutes(6)), UNTIL, false), new Time(NOW.plus(Duration.ofMinutes(4)), UNTIL, true))) {
            assertThat(status(Ocsp.response(HOST, CA.certificate(), CA, Ocsp.Status.REVOKED, time.from(), time.until())) instanceof StapledStatus.Revoked).as(time.toString()).isEqualTo(time.counts());
        }
        assertThat(status(Ocsp.response(HOST, CA.certificate(), CA, Ocsp.Status.REVOKED, NOW.minus(Duration.ofDays(6)), null))).isInstanceOf(StapledStatus.Revoked.class);
        assertThat(status(Ocsp.response(HOST, CA.certificate(), CA, Ocsp.Status.REVOKED, NOW.minus(Duration.ofDays(8)), null))).isInstanceOf(StapledStatus.Unusable.class);
    }

    /// B-CERT: cut, turned and grown octets are no statement, never more than a moment's work, and never an exception.
    @Test
    void noOctetsMakeItThrowOrRevokeWhatWasNotRevoked() {
        byte[] good = said(Ocsp.Status.GOOD, CA);
        for (int length = 1; length < good.length; length++) {
            assertThat(status(Arrays.copyOf(good, length))).isInstanceOf(StapledStatus.Unusable.class);
        }
        Random random = new Random(1);
        for (int round = 0; round < 3_000; round++) {
            byte[] turned = good.clone();
            for (int i = 0; i <= random.nextInt(3); i++) {
                turned[random.nextInt(turned.length)] = (byte) random.nextInt();
            }
            assertThat(status(turned)).isNotInstanceOf(StapledStatus.Revoked.class);
        }
        byte[] large = new byte[1 << 20];
        random.nextBytes(large);
        assertThat(status(large)).isEqualTo(new StapledStatus.Unusable("more than 65536 octets"));
        assertThat(status(new byte[] {0x30, (byte) 0x84, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff})).isInstanceOf(StapledStatus.Unusable.class);
    }
}
