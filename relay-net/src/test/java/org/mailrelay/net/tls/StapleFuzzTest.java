package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.cert.TrustAnchor;
import java.time.Instant;
import java.util.Set;
import org.mailrelay.testkit.tls.TestCa;

/// The OCSP response that a host staples to its handshake (a target for a fuzzer).
class StapleFuzzTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final TestCa CA = new TestCa(NOW);
    private static final TestCa.Identity HOST = CA.good("mx.example.net");

    /// No octets throw, and none that our authority has not signed say anything of a certificate.
    @FuzzTest(maxDuration = "1m")
    void staple(byte[] octets) {
        StapledStatus status = StapledResponse.status(octets, HOST.chain(), Set.of(new TrustAnchor(CA.certificate(), null)), NOW);
        assertThat(status).isInstanceOfAny(StapledStatus.Absent.class, StapledStatus.Unusable.class);
        assertThat(status instanceof StapledStatus.Absent).isEqualTo(octets.length == 0);
        assertThat(status.words()).hasSizeLessThan(200);
    }
}
