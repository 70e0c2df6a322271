package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.testkit.tls.TestCa;

class PeerChecksTest {

    @TempDir
    Path folder;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final TestCa ca = new TestCa(now.get());
    private final PeerChecks checks = new PeerChecks(now::get);

    @BeforeEach
    void write() {
        ca.write(folder);
    }

    private TlsRequirement requirement(String name) {
        TlsCheck pkix = new TlsCheck.Pkix(List.of(name), new Trust(false, List.of(folder.resolve("ca.pem"))));
        return new TlsRequirement(TlsRequirement.Encryption.ALWAYS, List.of(pkix), List.of());
    }

    private CheckResult check(String name, List<X509Certificate> chain) {
        return checks.check(requirement(name), chain).enforced().getFirst();
    }

    @Test
    void whatWasPreparedNeedsNoFileAnyMore() throws Exception {
        checks.prepare(requirement("mx1.example.com"));
        Files.delete(folder.resolve("ca.pem"));
        assertThat(check("mx1.example.com", ca.good("mx1.example.com").chain())).isInstanceOf(CheckResult.Passed.class);
    }

    /// A trust file that was changed holds for the next connection, and no judgement that was made under the old one.
    @Test
    void aChangedFileOfAuthoritiesIsReadAgainAndJudgementsUnderTheOldOneAreForgotten() throws Exception {
        TestCa next = new TestCa(now.get());
        List<X509Certificate> chain = next.good("mx1.example.com").chain();
        List<X509Certificate> old = ca.good("mx1.example.com").chain();
        checks.prepare(requirement("mx1.example.com"));
        assertThat(why(check("mx1.example.com", chain))).isEqualTo(TlsReason.CERTIFICATE_NOT_TRUSTED);
        assertThat(check("mx1.example.com", old)).isInstanceOf(CheckResult.Passed.class);
        next.write(folder);
        Files.setLastModifiedTime(folder.resolve("ca.pem"), FileTime.fromMillis(1000));
        checks.prepare(requirement("mx1.example.com"));
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        assertThat(why(check("mx1.example.com", old))).isEqualTo(TlsReason.CERTIFICATE_NOT_TRUSTED);
    }

    @Test
    void aFileThatIsHalfWrittenLeavesWhatWasReadAndAReloadDoesNot() throws Exception {
        List<X509Certificate> chain = ca.good("mx1.example.com").chain();
        checks.prepare(requirement("mx1.example.com"));
        Files.writeString(folder.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nMII");
        Files.setLastModifiedTime(folder.resolve("ca.pem"), FileTime.fromMillis(1000));
        checks.prepare(requirement("mx1.example.com"));
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        checks.reload();
        assertThat(why(check("mx1.example.com", chain))).isEqualTo(TlsReason.CERTIFICATE_NOT_TRUSTED);
    }

    @Test
    void authoritiesThatCannotBeReadFailTheCheck() throws Exception {
        Files.delete(folder.resolve("ca.pem"));
        checks.prepare(requirement("mx1.example.com"));
        assertThat(why(check("mx1.example.com", ca.good("mx1.example.com").chain()))).isEqualTo(TlsReason.CERTIFICATE_NOT_TRUSTED);
    }

    private static TlsReason why(CheckResult result) {
        assertThat(result).isInstanceOf(CheckResult.Failed.class);
        return ((CheckResult.Failed) result).why();
    }

    @Test
    void aJudgementHoldsForTenMinutes() {
        List<X509Certificate> chain = ca.good("mx1.example.com").chain();
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        assertThat(checks.built()).isEqualTo(1);
        now.set(now.get().plus(Duration.ofMinutes(10)));
        check("mx1.example.com", chain);
        assertThat(checks.built()).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackEndsAJudgement() {
        List<X509Certificate> chain = ca.good("mx1.example.com").chain();
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        now.set(now.get().minus(Duration.ofDays(365)));
        assertThat(why(check("mx1.example.com", chain))).isEqualTo(TlsReason.CERTIFICATE_EXPIRED);
    }

    @Test
    void anotherNameOrAnotherChainIsAnotherQuestion() {
        List<X509Certificate> chain = ca.good("mx1.example.com").chain();
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        assertThat(why(check("mx2.example.com", chain))).isEqualTo(TlsReason.HOST_MISMATCH);
        assertThat(why(check("mx1.example.com", ca.selfSigned("mx1.example.com").chain()))).isEqualTo(TlsReason.CERTIFICATE_NOT_TRUSTED);
        assertThat(why(check("mx1.example.com", List.of()))).isEqualTo(TlsReason.CERTIFICATE_NOT_TRUSTED);
        assertThat(checks.built()).isEqualTo(4);
    }

    @Test
    void B_CERT_aCertificateThatExpiresIsNotTrustedFromMemory() {
        List<X509Certificate> chain = ca.good("mx1.example.com").chain();
        Instant end = chain.getFirst().getNotAfter().toInstant();
        now.set(end.minusSeconds(60));
        assertThat(check("mx1.example.com", chain)).isInstanceOf(CheckResult.Passed.class);
        now.set(end.plusSeconds(1));
        assertThat(why(check("mx1.example.com", chain))).isEqualTo(TlsReason.CERTIFICATE_EXPIRED);
    }
}
