package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.net.tls.MadeCertificates.NOW;

import io.netty.handler.ssl.util.LazyX509Certificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.tls.MadeCertificates.Made;

/// Chains made to hang, to crash, or to be taken for another: every check ends, with a failure.
class HostileChainTest {

    private final Made root = MadeCertificates.authority("root").selfSigned();
    @TempDir
    private Path folder;

    private List<TlsCheck> checks() throws IOException, CertificateEncodingException {
        Path file = Files.writeString(folder.resolve("root.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(root.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
        Trust trust = new Trust(false, List.of(file));
        Domain host = Domain.of("mx.example.com");
        return List.of(new TlsCheck.Pkix(List.of(host.name()), trust), new TlsCheck.MtaSts(Domain.of("example.com"), "1", host, trust),
                new TlsCheck.Dane(List.of(new TlsaRecord(3, 1, 1, "00".repeat(32)), new TlsaRecord(2, 0, 1, "00".repeat(32))), host, List.of(host)));
    }

    private List<CheckResult> judged(List<X509Certificate> chain) throws IOException, CertificateEncodingException {
        return new PeerChecks(() -> NOW).check(new TlsRequirement(TlsRequirement.Encryption.ALWAYS, checks(), List.of()), chain).enforced();
    }

    private void assertAllFail(List<X509Certificate> chain) throws IOException, CertificateEncodingException {
        assertThat(judged(chain)).hasSize(3).allMatch(CheckResult.Failed.class::isInstance);
    }

    @Test
    void octetsThatAreNoCertificateFailInTheCheck() throws IOException, CertificateEncodingException {
        SplittableRandom random = new SplittableRandom(20261124);
        byte[] good = MadeCertificates.host("mx.example.com").by(root).certificate().getEncoded();
        assertAllFail(List.of());
        assertAllFail(List.of(new LazyX509Certificate(new byte[] {0})));
        for (int round = 0; round < 200; round++) {
            byte[] octets = good.clone();
            octets[random.nextInt(octets.length)] ^= (byte) (1 + random.nextInt(255));
            assertThat(judged(List.of(new LazyX509Certificate(octets)))).hasSize(3);
            assertAllFail(List.of(new LazyX509Certificate(Arrays.copyOf(octets, random.nextInt(octets.length)))));
        }
    }

    @Test
    @Timeout(20)
    void aHundredAuthoritiesOfOneNameAndKeyLeadNowhereSoon() throws IOException, CertificateEncodingException {
        KeyPair keys = MadeCertificates.newKeys();
        Made last = MadeCertificates.authority("loop").with(keys).selfSigned();
        List<X509Certificate> chain = new ArrayList<>(List.of(MadeCertificates.host("mx.example.com").by(last).certificate()));
        for (int i = 0; i < 100; i++) {
            chain.add(MadeCertificates.authority("loop").with(keys).by(last).certificate());
        }
        assertAllFail(chain);
    }

    @Test
    @Timeout(20)
    void thousandsOfNamesAreLookedThroughOnce() throws IOException, CertificateEncodingException {
        String[] names = IntStream.range(0, 5_000).mapToObj(i -> "n" + i + ".example.com").toArray(String[]::new);
        assertThat(judged(List.of(MadeCertificates.host(names).by(root).certificate())).getFirst())
                .isInstanceOfSatisfying(CheckResult.Failed.class, failed -> assertThat(failed.why()).isEqualTo(TlsReason.HOST_MISMATCH));
    }
}
