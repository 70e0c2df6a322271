package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.route.MxLookup;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.dns.FakeDns.Fault;
import org.mailrelay.testkit.dns.SignedZones;
import org.mailrelay.testkit.dns.SignedZones.Flaw;

/// Validation in the process, over a server that believes nothing and passes everything on.
@Timeout(60)
class DnssecTest {

    private final Instant now = Instant.parse("2026-11-23T00:00:00Z");
    private final SignedZones zones = new SignedZones(now).zone("example").zone("signed.example").unsigned("plain.example");
    private final FakeDns dns = FakeDns.start(zones);
    @TempDir
    private Path folder;
    private MailResolver resolver;

    @BeforeEach
    void open() throws IOException {
        Path anchors = Files.writeString(folder.resolve("anchors"), zones.anchor());
        resolver = MailResolver.open(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2), validation(Optional.of(anchors))), () -> now, (_, _, _, _) -> {});
        resolver.validate(true);
    }

    private static Optional<RelaySettings.Validation> validation(Optional<Path> anchors) {
        return Optional.of(new RelaySettings.Validation(anchors, List.of(), RelaySettings.BrokenValidation.DEFER));
    }

    @AfterEach
    void close() throws IOException {
        dns.close();
    }

    private DnssecState mxOf(String domain) {
        assertThat(resolver.mx(Domain.of(domain))).isInstanceOf(MxLookup.Found.class);
        return ((MxLookup.Found) resolver.mx(Domain.of(domain))).origin().state();
    }

    private static void assertBogus(MxLookup answer) {
        assertThat(answer).isEqualTo(new MxLookup.Failed(DnsFailure.BOGUS));
    }

    private AddressLookup.Found addressesOf(String host) {
        AddressLookup answer = resolver.addresses(Domain.of(host));
        assertThat(answer).isInstanceOf(AddressLookup.Found.class);
        return (AddressLookup.Found) answer;
    }

    @Test
    void aSignedAnswerIsSecure() {
        dns.record("signed.example", "MX", "10 mx.signed.example.");
        assertThat(mxOf("signed.example")).isEqualTo(DnssecState.SECURE);
    }

    @Test
    void anAnswerFromAnUnsignedZoneIsInsecureAndGood() {
        dns.record("plain.example", "MX", "10 mx.plain.example.");
        assertThat(mxOf("plain.example")).isEqualTo(DnssecState.INSECURE);
    }

    @Test
    void aDenialIsBelievedOnlyWithItsProof() {
        dns.record("signed.example", "A", "192.0.2.1").record("plain.example", "A", "192.0.2.1");
        assertThat(resolver.mx(Domain.of("signed.example"))).isEqualTo(new MxLookup.NoMx());
        assertThat(resolver.mx(Domain.of("plain.example"))).isEqualTo(new MxLookup.NoMx());
        zones.flaw("gone.signed.example", "NSEC", Flaw.UNSIGNED);
        assertBogus(resolver.mx(Domain.of("gone.signed.example")));
    }

    @ParameterizedTest
    @EnumSource(value = Flaw.class, mode = EnumSource.Mode.EXCLUDE, names = "FLOODED")
    void aBrokenSignatureIsBogus(Flaw flaw) {
        dns.record("signed.example", "MX", "10 mx.signed.example.");
        zones.flaw("signed.example", "MX", flaw);
        assertBogus(resolver.mx(Domain.of("signed.example")));
    }

    @ParameterizedTest
    @EnumSource(value = Flaw.class, mode = EnumSource.Mode.EXCLUDE, names = "FLOODED")
    void brokenKeysMakeTheirZoneBogusAndNoOther(Flaw flaw) {
        dns.record("signed.example", "MX", "10 mx.signed.example.").record("example", "MX", "10 mx.example.");
        zones.flaw("signed.example", "DNSKEY", flaw);
        assertBogus(resolver.mx(Domain.of("signed.example")));
        assertThat(mxOf("example")).isEqualTo(DnssecState.SECURE);
    }

    @Test
    void aDelegationThatFailsIsAFailureAndNeverInsecure() {
        dns.record("signed.example", "A", "192.0.2.1").fault("signed.example", "DS", Fault.SERVFAIL);
        assertThat(resolver.mx(Domain.of("signed.example"))).isEqualTo(new MxLookup.Failed(DnsFailure.SERVFAIL));
        assertThat(resolver.mx(Domain.of("nobody.signed.example"))).isEqualTo(new MxLookup.Failed(DnsFailure.SERVFAIL));
    }

    @Test
    void theServersOwnFailureKeepsItsName() {
        dns.fault("signed.example", "MX", Fault.SERVFAIL).fault("example", "MX", Fault.REFUSED);
        assertThat(resolver.mx(Domain.of("signed.example"))).isEqualTo(new MxLookup.Failed(DnsFailure.SERVFAIL));
        assertThat(resolver.mx(Domain.of("example"))).isEqualTo(new MxLookup.Failed(DnsFailure.REFUSED));
    }

    @Test
    void whileValidationIsOffNothingIsCalledSecureAndNothingIsBogus() {
        dns.record("signed.example", "MX", "10 mx.signed.example.");
        zones.flaw("signed.example", "MX", Flaw.TAMPERED);
        assertBogus(resolver.mx(Domain.of("signed.example")));
        resolver.validate(false);
        assertThat(mxOf("signed.example")).isEqualTo(DnssecState.UNVALIDATED);
        resolver.validate(true);
        assertBogus(resolver.mx(Domain.of("signed.example")));
    }

    /// CVE-2023-50387 and its kin: what a zone makes us compute is bounded.
    @Nested
    class Costs {

        @ParameterizedTest
        @ValueSource(strings = {"MX", "DNSKEY"})
        @Timeout(10)
        void aFloodOfSignaturesIsNotTried(String type) {
            dns.record("signed.example", "MX", "10 mx.signed.example.");
            zones.flaw("signed.example", type, Flaw.FLOODED);
            assertThat(resolver.mx(Domain.of("signed.example"))).isEqualTo(new MxLookup.Failed(DnsFailure.TOO_COSTLY));
        }

        /// Each label below the last signed zone is a question of its own.
        @Test
        @Timeout(20)
        void aNameOfAHundredLabelsDoesNotCostAHundredQuestions() {
            String deep = "a.".repeat(100) + "signed.example";
            dns.record(deep, "MX", "10 mx.signed.example.");
            zones.flaw(deep, "MX", Flaw.UNSIGNED);
            assertThat(resolver.mx(Domain.of(deep))).isEqualTo(new MxLookup.Failed(DnsFailure.TOO_COSTLY));
            assertThat(dns.asked()).hasSizeLessThan(Work.MOST_QUESTIONS + 5);
        }

        @Test
        void anAnswerIsValidatedOnceAndKept() {
            dns.record("signed.example", "MX", "10 mx.signed.example.");
            mxOf("signed.example");
            int asked = dns.asked().size();
            mxOf("signed.example");
            assertThat(dns.asked()).hasSize(asked);
        }
    }

    @Nested
    class Aliases {

        @Test
        void aSecureChainIsSecureAndItsEndIsKnown() {
            dns.record("www.signed.example", "CNAME", "host.example.").record("host.example", "A", "192.0.2.1");
            var origin = addressesOf("www.signed.example").origin();
            assertThat(origin.state()).isEqualTo(DnssecState.SECURE);
            assertThat(origin.end()).contains(Domain.of("host.example"));
        }

        @Test
        void aSecureAliasToAnInsecureHostIsInsecureWithASecureFirstLink() {
            dns.record("www.signed.example", "CNAME", "host.plain.example.").record("host.plain.example", "A", "192.0.2.1");
            var found = addressesOf("www.signed.example");
            assertThat(found.addresses()).hasSize(1);
            assertThat(found.origin().state()).isEqualTo(DnssecState.INSECURE);
            assertThat(found.origin().first()).isEqualTo(DnssecState.SECURE);
        }

        @Test
        void anInsecureAliasToASecureHostIsInsecure() {
            dns.record("www.plain.example", "CNAME", "host.signed.example.").record("host.signed.example", "A", "192.0.2.1");
            var origin = addressesOf("www.plain.example").origin();
            assertThat(origin.state()).isEqualTo(DnssecState.INSECURE);
            assertThat(origin.first()).isEqualTo(DnssecState.INSECURE);
        }

        @Test
        void aBogusLinkAnywhereIsBogus() {
            dns.record("www.signed.example", "CNAME", "host.plain.example.").record("host.plain.example", "A", "192.0.2.1");
            zones.flaw("www.signed.example", "CNAME", Flaw.TAMPERED);
            assertThat(resolver.addresses(Domain.of("www.signed.example"))).isEqualTo(new AddressLookup.Failed(DnsFailure.BOGUS));
        }
    }

    @Nested
    class Anchors {

        @Test
        void thoseThatAreBuiltInAreTheRootsTwoKeys() {
            assertThat(TrustAnchors.builtIn().records()).extracting(r -> r.getName() + " " + r.rdataToString()).containsExactly(
                    ". 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
                    ". 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16");
        }

        /// A file may hold DNSKEY records as well, and one anchor that no longer signs beside one of the same algorithm that does.
        @Test
        void aKeyIsAsGoodAnAnchorAsItsDigestAndOneThatSignsIsEnough() throws IOException {
            dns.record("signed.example", "MX", "10 mx.signed.example.");
            String former = ". IN DS 20326 13 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
            for (String anchors : List.of(zones.key() + "\n", former + zones.anchor(), zones.anchor() + former)) {
                Path file = Files.writeString(folder.resolve("others"), anchors);
                resolver = MailResolver.open(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2), validation(Optional.of(file))), () -> now, (_, _, _, _) -> {});
                resolver.validate(true);
                assertThat(resolver.mx(Domain.of("signed.example"))).as(anchors).isInstanceOfSatisfying(MxLookup.Found.class, found -> assertThat(found.origin().state()).isEqualTo(DnssecState.SECURE));
            }
        }

        @Test
        void anotherRootIsNotOurs() throws IOException {
            dns.record("signed.example", "MX", "10 mx.signed.example.");
            MailResolver builtIn = MailResolver.open(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2), validation(Optional.empty())), () -> now, (_, _, _, _) -> {});
            builtIn.validate(true);
            assertBogus(builtIn.mx(Domain.of("signed.example")));
        }

        @Test
        void aBareDenialFromAnUnsignedZoneIsInsecureAndFromASignedOneBogus() {
            dns.record("plain.example", "SOA", "ns.plain.example. root.plain.example. 1 60 60 60 60");
            dns.fault("plain.example", "MX", Fault.EMPTY).fault("signed.example", "MX", Fault.EMPTY).fault("signed.example", "SOA", Fault.EMPTY);
            assertThat(resolver.mx(Domain.of("plain.example"))).isEqualTo(new MxLookup.NoMx());
            assertBogus(resolver.mx(Domain.of("signed.example")));
        }

        /// One zone's keys may be an anchor: whoever strips its signatures must not make it pass for a part of the unsigned zone above it.
        @Test
        void aZoneWithAnAnchorOfItsOwnIsNotTakenForPartOfTheUnsignedZoneAboveIt() throws IOException {
            zones.zone("island.plain.example");
            Path anchors = Files.writeString(folder.resolve("two"), zones.anchor() + zones.anchor("island.plain.example"));
            resolver = MailResolver.open(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2), validation(Optional.of(anchors))), () -> now, (_, _, _, _) -> {});
            resolver.validate(true);
            dns.record("mx.island.plain.example", "A", "192.0.2.1").record("plain.example", "SOA", "ns.plain.example. root.plain.example. 1 60 60 60 60");
            assertThat(addressesOf("mx.island.plain.example").origin().state()).isEqualTo(DnssecState.SECURE);
            dns.fault("island.plain.example", "MX", Fault.EMPTY).fault("island.plain.example", "SOA", Fault.EMPTY);
            assertBogus(resolver.mx(Domain.of("island.plain.example")));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "; nothing\n", ". IN A 192.0.2.1\n", ". IN DS 1 2\n", "$INCLUDE /etc/hostname\n", "rubbish"})
        void aFileThatHoldsNoneIsRefusedByName(String text) throws IOException {
            Path file = Files.writeString(folder.resolve("broken"), text);
            assertThat(catchThrowable(() -> TrustAnchors.read(Optional.of(file))))
                    .isInstanceOf(IOException.class).hasMessageContaining("dns.trust_anchors").hasMessageContaining("broken");
        }
    }
}
