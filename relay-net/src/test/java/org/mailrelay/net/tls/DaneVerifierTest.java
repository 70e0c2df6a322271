package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.net.tls.MadeCertificates.NOW;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.net.tls.MadeCertificates.Made;

class DaneVerifierTest {

    private final Made root = MadeCertificates.authority("root").selfSigned();
    private final Made middle = MadeCertificates.authority("middle").by(root);
    private final Made host = MadeCertificates.host("mx.example.com").by(middle);

    private static TlsaRecord tlsa(int usage, int selector, int matching, Made made) {
        try {
            byte[] selected = selector == 0 ? made.certificate().getEncoded() : made.keys().getPublic().getEncoded();
            byte[] data = switch (matching) {
                case 0 -> selected;
                case 1 -> MessageDigest.getInstance("SHA-256").digest(selected);
                default -> MessageDigest.getInstance("SHA-512").digest(selected);
            };
            return new TlsaRecord(usage, selector, matching, HexFormat.of().formatHex(data));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static CheckResult verify(List<TlsaRecord> records, Made... chain) {
        return DaneVerifier.verify(new TlsCheck.Dane(records, Domain.of("mx.example.com"), List.of(Domain.of("mx.example.com"), Domain.of("example.com"))),
                Stream.of(chain).map(Made::certificate).toList(), NOW);
    }

    private static void assertPassed(CheckResult result, String by) {
        assertThat(result).isInstanceOfSatisfying(CheckResult.Passed.class, passed -> assertThat(passed.by()).contains(by));
    }

    private static void assertFailed(CheckResult result, TlsReason why) {
        assertThat(result).isInstanceOfSatisfying(CheckResult.Failed.class, failed -> assertThat(failed.why()).isEqualTo(why));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
    void everySelectorAndMatchingTypeFindsItsCertificate(int selector, int matching) {
        assertPassed(verify(List.of(tlsa(3, selector, matching, host)), host, middle, root), "depth 0");
        assertPassed(verify(List.of(tlsa(2, selector, matching, middle)), host, middle, root), "depth 1");
        assertPassed(verify(List.of(tlsa(2, selector, matching, root)), host, middle, root), "depth 2");
        assertFailed(verify(List.of(tlsa(3, selector, matching, middle)), host, middle, root), TlsReason.DANE_MISMATCH);
    }

    /// RFC 7672 §3.1.1: "the TLSA record ... certificate usage DANE-EE(3) ... name checks and certificate expiration MUST NOT be performed".
    @Nested
    class TheHostsOwn {

        /// R-DANE-6.
        @Test
        void namesDatesAndPurposeAreNotLookedAt() {
            Made odd = MadeCertificates.host("elsewhere.example").expired().clientOnly().named("").by(root);
            assertPassed(verify(List.of(tlsa(3, 1, 1, odd)), odd), "DANE-EE");
            Made early = MadeCertificates.host("elsewhere.example").notYetValid().selfSigned();
            assertPassed(verify(List.of(tlsa(3, 0, 2, early)), early), "DANE-EE");
        }

        /// The list of B-CERT, at a host whose key DNS names: nothing else of its certificate counts.
        @Test
        void B_CERT_aMatchPassesWhateverElseIsWrongWithTheCertificate() {
            Signer nobody = CertificateForge.root(Wanted.authority(NOW, "CN=Nobody"));
            Signer leaf = nobody.sign(Wanted.host(NOW, "other.example"));
            for (Signer odd : List.of(CertificateForge.root(Wanted.host(NOW, "mx.example.com\0.evil.test")), CertificateForge.root(Wanted.host(NOW, "*", "*.com", "192.0.2.1")),
                    nobody.sign(Wanted.host(NOW, "mx.example.com").signature("SHA1with")), nobody.sign(Wanted.host(NOW, "mx.example.com").keys(CertificateForge.keys("RSA", 1024))),
                    leaf.sign(Wanted.host(NOW, "mx.example.com")), nobody.sign(Wanted.named(NOW, "CN=mx.example.com")), nobody.sign(Wanted.authority(NOW, "CN=An authority itself")))) {
                TlsaRecord record = tlsa(3, 1, 1, new Made(odd.certificate(), "", odd.keys()));
                TlsCheck.Dane check = new TlsCheck.Dane(List.of(record), Domain.of("mx.example.com"), List.of(Domain.of("mx.example.com")));
                assertPassed(DaneVerifier.verify(check, List.of(odd.certificate(), leaf.certificate()), NOW), "DANE-EE");
            }
        }

        @Test
        void afterARolloverOneOfTwoRecordsSuffices() {
            Made former = MadeCertificates.host("mx.example.com").selfSigned();
            assertPassed(verify(List.of(tlsa(3, 1, 1, former), tlsa(3, 1, 1, host)), host), "DANE-EE");
        }

        @Test
        void aRecordOfAnotherKeyFails() {
            Made former = MadeCertificates.host("mx.example.com").selfSigned();
            assertFailed(verify(List.of(tlsa(3, 1, 1, former)), host, middle, root), TlsReason.DANE_MISMATCH);
        }

        @Test
        void theRestOfTheChainIsNotTheHosts() {
            assertFailed(verify(List.of(tlsa(3, 1, 1, host)), middle, host), TlsReason.DANE_MISMATCH);
        }
    }

    /// RFC 7671 §9.
    @Nested
    class DigestAgility {

        /// R-DANE-8.
        @Test
        void theStrongestDigestAloneCounts() {
            Made former = MadeCertificates.host("mx.example.com").selfSigned();
            assertFailed(verify(List.of(tlsa(3, 1, 2, former), tlsa(3, 1, 1, host)), host), TlsReason.DANE_MISMATCH);
        }

        @Test
        void fullDataAndOtherSelectorsAndUsagesStayBesideIt() {
            Made former = MadeCertificates.host("mx.example.com").selfSigned();
            TlsaRecord strong = tlsa(3, 1, 2, former);
            assertPassed(verify(List.of(strong, tlsa(3, 1, 0, host)), host), "DANE-EE");
            assertPassed(verify(List.of(strong, tlsa(3, 0, 1, host)), host), "DANE-EE");
            assertPassed(verify(List.of(strong, tlsa(2, 1, 1, root)), host, middle, root), "DANE-TA");
        }
    }

    @Nested
    class AnAuthority {

        @Test
        void isInNoTrustStoreAndNeedNotBeInTheChainWhereDnsHasItInFull() {
            assertPassed(verify(List.of(tlsa(2, 0, 0, root)), host, middle), "depth 2");
            assertPassed(verify(List.of(tlsa(2, 0, 0, middle)), host), "depth 1");
            assertPassed(verify(List.of(tlsa(2, 1, 0, middle)), host), "depth 0");
            assertPassed(verify(List.of(tlsa(2, 1, 0, root)), host, middle), "depth 1");
        }

        @Test
        void byDigestMustBeInTheChain() {
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), host, middle), TlsReason.DANE_MISMATCH);
        }

        @Test
        void mustHaveIssuedTheChainNotMerelyLieInIt() {
            Made stranger = MadeCertificates.host("mx.example.com").selfSigned();
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), stranger, root), TlsReason.DANE_MISMATCH);
            Made sameName = MadeCertificates.authority("middle").selfSigned();
            assertFailed(verify(List.of(tlsa(2, 0, 1, sameName)), host, sameName), TlsReason.DANE_MISMATCH);
        }

        @Test
        void theHostItselfIsNone() {
            Made alone = MadeCertificates.host("mx.example.com").selfSigned();
            assertFailed(verify(List.of(tlsa(2, 0, 1, alone)), alone), TlsReason.DANE_MISMATCH);
        }

        @Test
        void theChainMayComeOutOfOrder() {
            assertPassed(verify(List.of(tlsa(2, 0, 1, root)), host, root, middle), "depth 2");
        }

        @Test
        void namesCount() {
            Made other = MadeCertificates.host("elsewhere.example").by(middle);
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), other, middle, root), TlsReason.HOST_MISMATCH);
            Made nextHop = MadeCertificates.host("example.com").by(middle);
            assertPassed(verify(List.of(tlsa(2, 0, 1, root)), nextHop, middle, root), "DANE-TA");
            Made wildcard = MadeCertificates.host("*.example.com").by(middle);
            assertPassed(verify(List.of(tlsa(2, 0, 1, root)), wildcard, middle, root), "DANE-TA");
            Made common = MadeCertificates.host().named("CN=mx.example.com").by(middle);
            assertPassed(verify(List.of(tlsa(2, 0, 1, root)), common, middle, root), "DANE-TA");
        }

        @Test
        void datesCountOfEveryLink() {
            Made late = MadeCertificates.host("mx.example.com").expired().by(middle);
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), late, middle, root), TlsReason.CERTIFICATE_EXPIRED);
            Made lateMiddle = MadeCertificates.authority("late").expired().by(root);
            Made below = MadeCertificates.host("mx.example.com").by(lateMiddle);
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), below, lateMiddle, root), TlsReason.CERTIFICATE_EXPIRED);
            assertFailed(verify(List.of(tlsa(2, 0, 1, lateMiddle)), below, lateMiddle), TlsReason.CERTIFICATE_EXPIRED);
        }

        @Test
        void amongTwoOfOneKeyTheValidOneIsTaken() {
            KeyPair keys = MadeCertificates.newKeys();
            Made former = MadeCertificates.authority("renewed").with(keys).expired().by(root);
            Made renewed = MadeCertificates.authority("renewed").with(keys).by(root);
            Made below = MadeCertificates.host("mx.example.com").by(renewed);
            assertPassed(verify(List.of(tlsa(2, 0, 1, root)), below, former, renewed, root), "DANE-TA");
        }

        @Test
        void whoMayNotIssueIsNone() {
            Made plain = MadeCertificates.authority("plain").noAuthority().by(root);
            Made below = MadeCertificates.host("mx.example.com").by(plain);
            assertFailed(verify(List.of(tlsa(2, 0, 1, plain)), below, plain, root), TlsReason.CERTIFICATE_NOT_TRUSTED);
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), below, plain, root), TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        @Test
        void purposeAndNameConstraintsCount() {
            Made client = MadeCertificates.host("mx.example.com").clientOnly().by(middle);
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), client, middle, root), TlsReason.CERTIFICATE_NOT_TRUSTED);
            Made bound = MadeCertificates.authority("bound").onlyBelow("elsewhere.example").by(root);
            Made below = MadeCertificates.host("mx.example.com").by(bound);
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), below, bound, root), TlsReason.CERTIFICATE_NOT_TRUSTED);
        }

        /// Full keys in DNS, each of which could have signed: what is tried ends, so the last of 130 is not found.
        @Test
        @Timeout(10)
        void recordsMadeToBeTriedOneByOneAreTriedAHundredTimesAtMost() {
            List<KeyPair> keys = new ArrayList<>(Stream.generate(MadeCertificates::newKeys).limit(130).toList());
            keys.sort(Comparator.comparing(pair -> HexFormat.of().formatHex(pair.getPublic().getEncoded())));
            Made authority = MadeCertificates.authority("last").with(keys.getLast()).selfSigned();
            Made below = MadeCertificates.host("mx.example.com").by(authority);
            List<TlsaRecord> records = keys.stream().map(pair -> new TlsaRecord(2, 1, 0, HexFormat.of().formatHex(pair.getPublic().getEncoded()))).toList();
            assertPassed(verify(records.subList(100, 130), below), "DANE-TA");
            assertFailed(verify(records, below), TlsReason.DANE_MISMATCH);
        }

        /// Of one name and one key: a path builder that tries them all would never end.
        @Test
        @Timeout(10)
        void aHundredOfOneKeyCostNoMoreThanTheirNumber() {
            KeyPair keys = MadeCertificates.newKeys();
            List<Made> chain = new ArrayList<>();
            Made last = MadeCertificates.authority("loop").with(keys).selfSigned();
            chain.add(MadeCertificates.host("mx.example.com").by(last));
            for (int i = 0; i < 100; i++) {
                chain.add(MadeCertificates.authority("loop").with(keys).by(last));
            }
            assertFailed(verify(List.of(tlsa(2, 0, 1, root)), chain.toArray(Made[]::new)), TlsReason.DANE_MISMATCH);
        }
    }

    @Test
    void nothingShownMatchesNothing() {
        assertFailed(verify(List.of(tlsa(3, 1, 1, host))), TlsReason.DANE_MISMATCH);
    }

    /// RFC 7672 §3.1.3 for the usages; the rest cannot be read.
    @Nested
    class Unusable {

        @ParameterizedTest
        @CsvSource({"0,0,1", "1,1,1", "4,1,1", "255,1,1", "3,2,1", "3,255,1", "3,1,3", "3,1,255"})
        void numbersThatMeanNothingToSmtp(int usage, int selector, int matching) {
            assertThat(TlsaMaterial.usable(new TlsaRecord(usage, selector, matching, "00".repeat(32)))).isFalse();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 31, 33, 63, 65, 65_532})
        void digestsOfOddLength(int octets) {
            assertThat(TlsaMaterial.usable(new TlsaRecord(3, 1, 1, "ab".repeat(octets)))).isFalse();
            assertThat(TlsaMaterial.usable(new TlsaRecord(3, 1, 2, "ab".repeat(octets)))).isFalse();
            assertThat(TlsaMaterial.usable(new TlsaRecord(3, 1, 0, "ab".repeat(octets)))).isFalse();
            assertThat(TlsaMaterial.usable(new TlsaRecord(2, 0, 0, "ab".repeat(octets)))).isFalse();
        }

        @Test
        void fullDataWithSomethingMissingOrAdded() {
            TlsaRecord whole = tlsa(2, 0, 0, root);
            assertThat(TlsaMaterial.usable(whole)).isTrue();
            assertThat(IntStream.of(2, 40, 400).mapToObj(cut -> new TlsaRecord(2, 0, 0, whole.data().substring(0, whole.data().length() - cut)))).noneMatch(TlsaMaterial::usable);
            assertThat(TlsaMaterial.usable(new TlsaRecord(2, 0, 0, whole.data() + "00"))).isFalse();
            TlsaRecord key = tlsa(2, 1, 0, root);
            assertThat(TlsaMaterial.usable(key)).isTrue();
            assertThat(TlsaMaterial.usable(new TlsaRecord(2, 1, 0, key.data().substring(4)))).isFalse();
        }
    }
}
