package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.Ocsp;

/// The OCSP response that a host staples to its handshake (targets for a fuzzer).
class StapleFuzzTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Signer CA = CertificateForge.root(Wanted.authority(NOW, "CN=CA"));
    private static final X509Certificate HOST = CA.sign(Wanted.host(NOW, "mx.example.net")).certificate();
    private static final byte[] GOOD = Ocsp.response(HOST, CA.certificate(), CA, Ocsp.Status.GOOD, NOW, NOW.plus(Duration.ofDays(1)));
    private static final byte[] REVOKED = Ocsp.response(HOST, CA.certificate(), CA, Ocsp.Status.REVOKED, NOW, NOW.plus(Duration.ofDays(1)));

    private static StapledStatus status(byte[] staple) {
        return StapledResponse.status(staple, List.of(HOST, CA.certificate()), Set.of(new TrustAnchor(CA.certificate(), null)), NOW);
    }

    /// No octets throw, and none that our authority has not signed say anything of a certificate.
    @FuzzTest(maxDuration = "1m")
    void staple(byte[] octets) {
        StapledStatus status = status(octets);
        assertThat(status).isInstanceOfAny(StapledStatus.Absent.class, StapledStatus.Unusable.class);
        assertThat(status instanceof StapledStatus.Absent).isEqualTo(octets.length == 0);
        assertThat(status.words()).hasSizeLessThan(200);
    }

    /// A response that was changed says what it said, in what nobody signs, or nothing. Three octets of an input are a place and what is done to it.
    @FuzzTest(maxDuration = "1m")
    void changed(byte[] changes) {
        byte[] original = changes.length > 0 && (changes[0] & 1) != 0 ? REVOKED : GOOD;
        byte[] staple = original.clone();
        for (int i = 1; i + 2 < changes.length; i += 3) {
            staple[((changes[i] & 255) << 8 | changes[i + 1] & 255) % staple.length] ^= changes[i + 2];
        }
        StapledStatus status = status(staple);
        if (!(status instanceof StapledStatus.Unusable)) {
            assertThat(status).isEqualTo(status(original));
        }
    }
}
