package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
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
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.dns.FakeDns.Fault;
import org.mailrelay.testkit.dns.SignedZones;
import org.mailrelay.testkit.dns.SignedZones.Flaw;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// The cases of RFC 7672 §2.2, from the domain to the records.
@Timeout(60)
class TlsaFinderTest {

    private static final String DIGEST = "ab".repeat(32);
    private final Instant now = Instant.parse("2026-11-23T00:00:00Z");
    private final SignedZones zones = new SignedZones(now).zone("example").zone("signed.example").zone("hosting.example").unsigned("plain.example");
    private final FakeDns dns = FakeDns.start(zones);
    @TempDir
    private Path folder;
    private MailResolver resolver;
    private HostFinder finder;
    private TlsaFinder tlsa;

    @BeforeEach
    void open() throws IOException {
        Path anchors = Files.writeString(folder.resolve("anchors"), zones.anchor());
        resolver = MailResolver.open(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2),
                Optional.of(new RelaySettings.Validation(Optional.of(anchors), List.of(), RelaySettings.BrokenValidation.DEFER))), () -> now, (_, _, _, _) -> {});
        resolver.validate(true);
        finder = new HostFinder(resolver, HostsFile.none(), new SplittableRandom(7));
        tlsa = new TlsaFinder(resolver);
    }

    @AfterEach
    void close() throws IOException {
        dns.close();
    }

    private CandidateHost hostOf(String domain) {
        DestinationPlan plan = finder.find(new Route.UseDns(Domain.of(domain)), new HostFinder.Terms(Domain.of("relay.example"), 25, IpPreference.V6_PREFERRED, new AddressRules(Set.of(), Set.of())));
        assertThat(plan).isInstanceOf(DestinationPlan.Ordered.class);
        return ((DestinationPlan.Ordered) plan).hosts().getFirst();
    }

    private TlsaLookup find(String domain) {
        CandidateHost host = hostOf(domain);
        return tlsa.find(host.origin().orElseThrow(), host.hostName().orElseThrow(), host.address().getPort());
    }

    private static void assertUsable(TlsaLookup found, String base, String... names) {
        assertThat(found).isInstanceOfSatisfying(TlsaLookup.Usable.class, usable -> {
            assertThat(usable.base()).isEqualTo(Domain.of(base));
            assertThat(usable.names()).extracting(Domain::name).containsExactly(names);
        });
    }

    private List<String> tlsaAsked() {
        return dns.asked().stream().filter(question -> question.contains(" TLSA ")).toList();
    }

    @Test
    void R_DANE_4_secureAllTheWayIsUsable() {
        dns.record("signed.example", "MX", "10 mx.hosting.example.").record("mx.hosting.example", "A", "192.0.2.1")
                .record("_25._tcp.mx.hosting.example", "TLSA", "3 1 1 " + DIGEST).record("_25._tcp.mx.hosting.example", "TLSA", "0 1 1 " + DIGEST);
        assertUsable(find("signed.example"), "mx.hosting.example", "signed.example", "mx.hosting.example");
        assertThat(((TlsaLookup.Usable) find("signed.example")).records()).hasSize(1);
    }

    /// "A 2026 bug treated insecure MX as failed and stopped mail."
    @Test
    void R_DANE_1_anInsecureMxIsNormalAndAsksForNothing() {
        dns.record("plain.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertThat(find("plain.example")).isEqualTo(new TlsaLookup.None());
        assertThat(tlsaAsked()).isEmpty();
    }

    @Test
    void R_DANE_1_unsignedAddressesUnderASignedMxAskForNothing() {
        dns.record("signed.example", "MX", "10 mx.plain.example.").record("mx.plain.example", "A", "192.0.2.1").fault("_25._tcp.mx.plain.example", "TLSA", Fault.SERVFAIL);
        assertThat(find("signed.example")).isEqualTo(new TlsaLookup.None());
        assertThat(tlsaAsked()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"SERVFAIL", "REFUSED", "SILENCE", "SHORT_RDATA", "GARBAGE", "TRUNCATED_FOR_EVER"})
    void R_DANE_2_aLookupThatFailsMakesTheHostWait(Fault fault) {
        dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1").fault("_25._tcp.mx.signed.example", "TLSA", fault);
        assertThat(find("signed.example")).isInstanceOfSatisfying(TlsaLookup.Failed.class, failed -> assertThat(failed.detail()).startsWith("_25._tcp.mx.signed.example TLSA - "));
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void R_DANE_2_aBogusAnswerMakesTheHostWait(Flaw flaw) {
        dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
        zones.flaw("_25._tcp.mx.signed.example", "TLSA", flaw);
        assertThat(find("signed.example")).isInstanceOf(TlsaLookup.Failed.class);
    }

    @Test
    void R_DANE_2_aDenialIsBelievedWithItsProofAlone() {
        dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1");
        assertThat(find("signed.example")).isEqualTo(new TlsaLookup.None());
        dns.record("hosting.example", "MX", "10 mx.hosting.example.").record("mx.hosting.example", "A", "192.0.2.1");
        zones.flaw("_25._tcp.mx.hosting.example", "NSEC", Flaw.UNSIGNED);
        assertThat(find("hosting.example")).isInstanceOf(TlsaLookup.Failed.class);
    }

    @Test
    void R_DANE_1_theImplicitMxIsItsOwnHost() {
        dns.record("signed.example", "A", "192.0.2.1").record("_25._tcp.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertUsable(find("signed.example"), "signed.example", "signed.example");
    }

    @Test
    void R_DANE_7_theSecureEndOfTheDomainsAliasesIsANameToo() {
        dns.record("alias.signed.example", "CNAME", "hosting.example.").record("hosting.example", "MX", "10 mx.hosting.example.")
                .record("mx.hosting.example", "A", "192.0.2.1").record("_25._tcp.mx.hosting.example", "TLSA", "2 1 1 " + DIGEST);
        assertUsable(find("alias.signed.example"), "mx.hosting.example", "alias.signed.example", "hosting.example", "mx.hosting.example");
    }

    @Nested
    class AliasedHosts {

        @BeforeEach
        void aliased() {
            dns.record("signed.example", "MX", "10 mx.signed.example.");
        }

        @Test
        void R_DANE_3_theEndOfASecureChainGoesFirst() {
            dns.record("mx.signed.example", "CNAME", "host.hosting.example.").record("host.hosting.example", "A", "192.0.2.1")
                    .record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST).record("_25._tcp.host.hosting.example", "TLSA", "3 1 1 " + DIGEST);
            assertUsable(find("signed.example"), "host.hosting.example", "signed.example", "host.hosting.example");
        }

        @Test
        void R_DANE_3_thenTheNameItself() {
            dns.record("mx.signed.example", "CNAME", "host.hosting.example.").record("host.hosting.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
            assertUsable(find("signed.example"), "mx.signed.example", "signed.example", "mx.signed.example");
        }

        @Test
        void R_DANE_3_aFailureAtTheEndIsNotSteppedOver() {
            dns.record("mx.signed.example", "CNAME", "host.hosting.example.").record("host.hosting.example", "A", "192.0.2.1")
                    .fault("_25._tcp.host.hosting.example", "TLSA", Fault.SERVFAIL).record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
            assertThat(find("signed.example")).isInstanceOf(TlsaLookup.Failed.class);
        }

        @Test
        void R_DANE_3_whereOnlyTheFirstLinkIsSecureTheNameItselfAlone() {
            dns.record("mx.signed.example", "CNAME", "host.plain.example.").record("host.plain.example", "A", "192.0.2.1")
                    .record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST).fault("_25._tcp.host.plain.example", "TLSA", Fault.SERVFAIL);
            assertUsable(find("signed.example"), "mx.signed.example", "signed.example", "mx.signed.example");
        }

        @Test
        void R_DANE_4_recordsBehindAnInsecureAliasAreIgnored() {
            dns.record("mx.signed.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "CNAME", "tlsa.plain.example.").record("tlsa.plain.example", "TLSA", "3 1 1 " + DIGEST);
            assertThat(find("signed.example")).isEqualTo(new TlsaLookup.None());
        }

        @Test
        void R_DANE_4_recordsBehindASecureAliasCountUnderTheNameThatWasAsked() {
            dns.record("mx.signed.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "CNAME", "tlsa.hosting.example.").record("tlsa.hosting.example", "TLSA", "3 1 1 " + DIGEST);
            assertUsable(find("signed.example"), "mx.signed.example", "signed.example", "mx.signed.example");
        }
    }

    @Nested
    class Unusable {

        private TlsaLookup of(String data) {
            dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "TLSA", data);
            return find("signed.example");
        }

        /// R-DANE-4: encrypted, without authentication.
        @ParameterizedTest
        @ValueSource(strings = {"0 0 1 ", "1 1 1 ", "4 1 1 ", "255 1 1 ", "3 2 1 ", "3 1 3 ", "3 1 2 ", "2 0 0 ", "3 1 0 "})
        void R_DANE_5_recordsThatMeanNothingToSmtp(String numbers) {
            assertThat(of(numbers + DIGEST)).isEqualTo(new TlsaLookup.AllUnusable(Domain.of("mx.signed.example")));
        }

        /// Data of any length: none crashes, none is usable. What is too short to be a record at all spoils the answer that holds it.
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3, 4, 5, 34, 36, 255, 4_096, 60_000})
        void R_DANE_12_dataOfAnyLength(int octets) throws TextParseException {
            byte[] data = new byte[octets];
            for (int i = 0; i < octets; i++) {
                data[i] = (byte) (i == 0 ? 3 : i < 3 ? 1 : i);
            }
            Name name = Name.fromString("_25._tcp.mx.signed.example.");
            dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1");
            dns.raw(name.toString(true), Type.TLSA, data);
            TlsaLookup found = find("signed.example");
            if (octets < 4) {
                assertThat(found).isInstanceOf(TlsaLookup.Failed.class);
            } else {
                assertThat(found).isEqualTo(new TlsaLookup.AllUnusable(Domain.of("mx.signed.example")));
            }
        }

        @Test
        void R_DANE_11_besideOneThatCanBeUsedTheRestDoNotMatter() {
            of("0 0 1 " + DIGEST);
            dns.record("_26._tcp.mx.signed.example", "TLSA", "1 0 1 " + DIGEST).record("_26._tcp.mx.signed.example", "TLSA", "3 1 2 " + DIGEST).record("_26._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
            CandidateHost host = hostOf("signed.example");
            assertThat(tlsa.find(host.origin().orElseThrow(), host.hostName().orElseThrow(), 26))
                    .isInstanceOfSatisfying(TlsaLookup.Usable.class, usable -> assertThat(usable.records()).extracting(Object::toString).containsExactly("3 1 1 " + DIGEST));
        }
    }

    /// Each costs something at every handshake; which of them count does not depend on the order of an answer.
    @Test
    void B_DNS_ofHundredsOfRecordsAHundredCount() {
        dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1");
        for (int i = 499; i >= 0; i--) {
            dns.record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + "%04x".formatted(i).repeat(16));
        }
        assertThat(find("signed.example")).isInstanceOfSatisfying(TlsaLookup.Usable.class, usable -> assertThat(usable.records()).hasSize(100).isSorted()
                .last().isEqualTo(new TlsaRecord(3, 1, 1, "0063".repeat(16))));
    }

    @Test
    void whileValidationIsOffNothingIsAsked() {
        dns.record("signed.example", "MX", "10 mx.signed.example.").record("mx.signed.example", "A", "192.0.2.1").record("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
        resolver.validate(false);
        assertThat(find("signed.example")).isEqualTo(new TlsaLookup.None());
        assertThat(tlsaAsked()).isEmpty();
    }

    @Nested
    class TheTrialOfValidation {

        private ValidationWatch watch(RelaySettings.BrokenValidation whenBroken, String... canaries) {
            return new ValidationWatch(resolver, Optional.of(new RelaySettings.Validation(Optional.empty(), List.of(canaries), whenBroken)), folder.resolve("state/worked"));
        }

        @Test
        void oneCanaryThatValidatesIsEnough() {
            zones.flaw("hosting.example", "SOA", Flaw.UNSIGNED);
            assertThat(watch(RelaySettings.BrokenValidation.DEFER, "hosting.example", ".").look().state()).isEqualTo(ValidationWatch.State.WORKING);
            assertThat(resolver.validating()).isTrue();
            assertThat(folder.resolve("state/worked")).exists();
        }

        @ParameterizedTest
        @ValueSource(strings = {"SOA", "TLSA"})
        void aServerThatStripsSignaturesOrKnowsNoTlsaIsFound(String type) {
            dns.fault(type.equals("SOA") ? "." : "_25._tcp", type, Fault.REFUSED);
            ValidationWatch.Report report = watch(RelaySettings.BrokenValidation.IGNORE, ".").look();
            assertThat(report.state()).isEqualTo(ValidationWatch.State.BROKEN_IGNORED);
            assertThat(report.detail()).isEqualTo(".: " + type + " Refused");
            assertThat(resolver.validating()).isFalse();
        }

        @Test
        void insecureCanariesProveNothing() {
            assertThat(watch(RelaySettings.BrokenValidation.DEFER, "plain.example").look().state()).isEqualTo(ValidationWatch.State.BROKEN_DEFERRING);
            assertThat(resolver.validating()).isTrue();
        }

        @Test
        void autoIgnoresUntilItHasWorkedAndThenDefers() {
            dns.fault(".", "SOA", Fault.SERVFAIL);
            assertThat(watch(RelaySettings.BrokenValidation.AUTO, ".").look().state()).isEqualTo(ValidationWatch.State.BROKEN_IGNORED);
            dns.heal(".", "SOA");
            assertThat(watch(RelaySettings.BrokenValidation.AUTO, ".").look().state()).isEqualTo(ValidationWatch.State.WORKING);
            dns.fault(".", "SOA", Fault.SERVFAIL);
            assertThat(watch(RelaySettings.BrokenValidation.AUTO, ".").look().state()).isEqualTo(ValidationWatch.State.BROKEN_DEFERRING);
        }
    }
}
