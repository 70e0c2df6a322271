package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.TestCa;

/// Every trick of the attack catalogue B-CERT against the checks that a verifying level and MTA-STS make.
class CertificateTricksTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String NAME = "mx.good.example";

    @TempDir
    Path folder;
    private final PeerChecks checks = new PeerChecks(() -> NOW);
    private final Signer root = CertificateForge.root(Wanted.authority(NOW, "CN=Root"));
    private Trust trust = Trust.SYSTEM;

    @BeforeEach
    void trustTheRoot() {
        trust = new Trust(false, List.of(new TestCa.Identity(List.of(root.certificate()), root.keys().getPrivate()).write(folder, "root").chain()));
    }

    private CheckResult judge(TlsCheck check, List<X509Certificate> chain) {
        return checks.check(new TlsRequirement(TlsRequirement.Encryption.ALWAYS, List.of(check), List.of()), chain).enforced().getFirst();
    }

    /// Empty where the chain passes for [#NAME], under a verifying level and under MTA-STS alike.
    private List<TlsReason> faults(X509Certificate... chain) {
        CheckResult pkix = judge(new TlsCheck.Pkix(List.of(NAME), trust), List.of(chain));
        CheckResult sts = judge(new TlsCheck.MtaSts(Domain.of("good.example"), "1", Domain.of(NAME), trust), List.of(chain));
        List<TlsReason> why = Stream.of(pkix, sts).filter(CheckResult.Failed.class::isInstance).map(r -> ((CheckResult.Failed) r).why()).distinct().toList();
        assertThat(pkix.getClass()).as("%s and %s", pkix, sts).isEqualTo(sts.getClass());
        return why;
    }

    private X509Certificate host(String... names) {
        return root.sign(Wanted.host(NOW, names)).certificate();
    }

    private Signer intermediate(String subject) {
        return root.sign(Wanted.authority(NOW, subject));
    }

    @Nested
    class Names {

        @ParameterizedTest
        @ValueSource(strings = {"mx.good.example", "MX.GOOD.EXAMPLE", "*.good.example"})
        void B_CERT_thatAreTheHosts(String name) {
            assertThat(faults(host(name))).isEmpty();
        }

        /// R-TLS-4: a wildcard is the whole leftmost label, and one label.
        @ParameterizedTest
        @ValueSource(strings = {"mx.good.example\0.evil.test", "mx.good.example.", "a.mx.good.example", "good.example", "*.mx.good.example", "m*.good.example",
            "*.*.example", "*.example", "*", "*.", "mx.*.example", "mx.good.example ", " mx.good.example", "mx.good.example/evil", "192.0.2.1", "mx.g%6fod.example", ".good.example"})
        void B_CERT_thatLookLikeTheHostsAndAreNot(String name) {
            assertThat(faults(host(name))).containsExactly(TlsReason.HOST_MISMATCH);
        }

        /// R-TLS-4.
        /// R-STS-5: not for MTA-STS either.
        @Test
        void B_CERT_ofAnotherKindOrInTheCommonNameDoNotCount() {
            assertThat(faults(root.sign(Wanted.named(NOW, "CN=" + NAME)).certificate())).containsExactly(TlsReason.HOST_MISMATCH);
            assertThat(faults(root.sign(Wanted.host(NOW).names(new GeneralName(GeneralName.rfc822Name, "postmaster@" + NAME))).certificate())).containsExactly(TlsReason.HOST_MISMATCH);
            assertThat(faults(root.sign(Wanted.host(NOW).names(new GeneralName(GeneralName.uniformResourceIdentifier, "smtp://" + NAME))).certificate()))
                    .containsExactly(TlsReason.HOST_MISMATCH);
            assertThat(faults(root.sign(Wanted.host(NOW).names(new GeneralName(GeneralName.iPAddress, "192.0.2.1"))).certificate())).containsExactly(TlsReason.HOST_MISMATCH);
        }

        /// RFC 9525 §6.3: the common name is no identity; `allow_common_name` counts it where there is no dNSName, and MTA-STS never does.
        @Test
        void B_CERT_theCommonNameCountsOnlyWhereTheOperatorAllowsItAndNoDnsNameStands() {
            X509Certificate bare = root.sign(Wanted.named(NOW, "O=Mail,CN=" + NAME)).certificate();
            X509Certificate other = root.sign(Wanted.named(NOW, "CN=" + NAME).names("other.example")).certificate();
            assertThat(judge(new TlsCheck.Pkix(List.of(NAME), trust, true), List.of(bare))).isInstanceOf(CheckResult.Passed.class);
            assertThat(judge(new TlsCheck.Pkix(List.of(NAME), trust, true), List.of(other))).isInstanceOf(CheckResult.Failed.class);
            assertThat(judge(new TlsCheck.MtaSts(Domain.of("good.example"), "1", Domain.of(NAME), trust), List.of(bare))).isInstanceOf(CheckResult.Failed.class);
            assertThat(judge(new TlsCheck.Pkix(List.of(NAME), trust, true), List.of(root.sign(Wanted.named(NOW, "CN=" + NAME + "\\00.evil.test")).certificate())))
                    .isInstanceOf(CheckResult.Failed.class);
        }

        @Test
        void B_CERT_internationalNamesAreComparedAsALabels() {
            TlsCheck check = new TlsCheck.Pkix(List.of("mx.b\u00fccher.example"), trust);
            assertThat(judge(check, List.of(host("mx.xn--bcher-kva.example")))).isInstanceOf(CheckResult.Passed.class);
            assertThat(judge(check, List.of(host("mx.bucher.example")))).isInstanceOf(CheckResult.Failed.class);
        }

        @Test
        void B_CERT_amongThousandsAreReadAsFarAsAThousand() {
            String[] many = IntStream.range(0, 5_000).mapToObj(i -> "h" + i + ".other.example").toArray(String[]::new);
            many[999] = NAME;
            assertThat(faults(host(many))).isEmpty();
            many[999] = "x.other.example";
            many[4_999] = NAME;
            assertThat(faults(host(many))).containsExactly(TlsReason.HOST_MISMATCH);
        }
    }

    @Nested
    class Paths {

        @Test
        void B_CERT_outOfOrderAndWithStrangersAmongThemAreFound() {
            Signer one = intermediate("CN=One");
            Signer two = one.sign(Wanted.authority(NOW, "CN=Two"));
            X509Certificate own = two.sign(Wanted.host(NOW, NAME)).certificate();
            assertThat(faults(own, one.certificate(), CertificateForge.root(Wanted.authority(NOW, "CN=Stranger")).certificate(), two.certificate())).isEmpty();
            assertThat(faults(own, two.certificate())).as("an intermediate is missing").containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        @Test
        void B_CERT_thatNobodyVouchesForAreNotTrusted() {
            assertThat(faults()).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            assertThat(faults(CertificateForge.root(Wanted.host(NOW, NAME)).certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            Signer impostor = CertificateForge.root(Wanted.authority(NOW, "CN=Root"));
            assertThat(faults(impostor.sign(Wanted.host(NOW, NAME)).certificate(), impostor.certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            assertThat(faults(impostor.sign(Wanted.host(NOW, NAME)).certificate(), root.certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        @Test
        void B_CERT_throughACertificateThatIsNoAuthorityAreNotTrusted() {
            Signer leaf = root.sign(Wanted.host(NOW, "evil.example"));
            assertThat(faults(leaf.sign(Wanted.host(NOW, NAME)).certificate(), leaf.certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        @Test
        void B_CERT_outsideTheNamesOfTheirAuthorityAreNotTrusted() {
            NameConstraints elsewhere = new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "other.example"))}, null);
            Signer bound = root.sign(Wanted.authority(NOW, "CN=Bound").with(Extension.nameConstraints, elsewhere));
            assertThat(faults(bound.sign(Wanted.host(NOW, NAME)).certificate(), bound.certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            NameConstraints here = new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "good.example"))}, null);
            Signer ours = root.sign(Wanted.authority(NOW, "CN=Ours").with(Extension.nameConstraints, here));
            assertThat(faults(ours.sign(Wanted.host(NOW, NAME)).certificate(), ours.certificate())).isEmpty();
        }

        @Test
        void B_CERT_forAnotherPurposeAreNotTrusted() {
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).with(Extension.extendedKeyUsage, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))).certificate()))
                    .containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).with(Extension.extendedKeyUsage, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))).certificate())).isEmpty();
        }

        @Test
        void B_CERT_outOfTimeAreSaidToBe() {
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).valid(NOW.minusSeconds(200), NOW.minusSeconds(100))).certificate())).containsExactly(TlsReason.CERTIFICATE_EXPIRED);
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).valid(NOW.plusSeconds(100), NOW.plusSeconds(200))).certificate())).containsExactly(TlsReason.CERTIFICATE_EXPIRED);
            Signer old = root.sign(Wanted.authority(NOW, "CN=Old").valid(NOW.minusSeconds(200), NOW.minusSeconds(100)));
            assertThat(faults(old.sign(Wanted.host(NOW, NAME)).certificate(), old.certificate())).containsExactly(TlsReason.CERTIFICATE_EXPIRED);
        }

        @Test
        void B_CERT_onABrokenDigestOrAShortKeyAreNotTrusted() {
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).signature("SHA1with")).certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).keys(CertificateForge.keys("RSA", 1024))).certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            Signer weak = root.sign(Wanted.authority(NOW, "CN=Weak").keys(CertificateForge.keys("RSA", 1024)));
            assertThat(faults(weak.sign(Wanted.host(NOW, NAME)).certificate(), weak.certificate())).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
            assertThat(faults(root.sign(Wanted.host(NOW, NAME).keys(CertificateForge.keys("RSA", 2048))).certificate())).isEmpty();
        }

        @Test
        void B_CERT_ofAHundredCertificatesAreNotFollowed() {
            List<X509Certificate> chain = new ArrayList<>();
            Signer signer = root;
            for (int i = 0; i < 100; i++) {
                signer = signer.sign(Wanted.authority(NOW, "CN=Level " + i).keys(root.keys()));
                chain.addFirst(signer.certificate());
            }
            chain.addFirst(signer.sign(Wanted.host(NOW, NAME)).certificate());
            assertThat(faults(chain.toArray(X509Certificate[]::new))).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        /// Every one of them has issued every other: without a bound the search among them would not end in a lifetime.
        @Test
        @Timeout(10)
        void B_CERT_thatAllVouchForOneAnotherEndTheSearch() {
            KeyPair shared = CertificateForge.keys("EC", 256);
            Signer evil = CertificateForge.root(Wanted.authority(NOW, "CN=Evil").keys(shared));
            List<X509Certificate> chain = new ArrayList<>(List.of(evil.sign(Wanted.host(NOW, NAME)).certificate()));
            for (int i = 0; i < 19; i++) {
                chain.add(evil.sign(Wanted.authority(NOW, "CN=Evil").keys(shared)).certificate());
            }
            assertThat(faults(chain.toArray(X509Certificate[]::new))).containsExactly(TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        @Test
        void aHostWhoseOwnCertificateIsTrustedByTheOperatorNeedsNoAuthority() {
            X509Certificate own = CertificateForge.root(Wanted.host(NOW, NAME)).certificate();
            Path file = new TestCa.Identity(List.of(own), root.keys().getPrivate()).write(folder, "own").chain();
            assertThat(judge(new TlsCheck.Pkix(List.of(NAME), new Trust(false, List.of(file))), List.of(own))).isInstanceOf(CheckResult.Passed.class);
        }
    }
}
