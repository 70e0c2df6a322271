package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.PolicyChange;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.TlsLevel;

class PolicyConfigTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    Path folder;
    private Path conf;

    @BeforeEach
    void copyTheShippedFiles() throws IOException {
        conf = ShippedFiles.below(folder);
    }

    private ConfigLoader.Loaded loaded(String destinations, Instant now) throws IOException {
        Files.writeString(conf.resolve("destinations.yaml"), destinations);
        ConfigLoader.Result result = ConfigLoader.load(conf, Map.of(), now);
        assertThat(result).isInstanceOf(ConfigLoader.Loaded.class);
        return (ConfigLoader.Loaded) result;
    }

    private DestinationPolicy policy(String destinations, String domain, Instant now) throws IOException {
        Settings settings = loaded(destinations, now).settings();
        return settings.destinations().match(Domain.of(domain)).at(now);
    }

    private List<String> mistakes(String destinations) throws IOException {
        Files.writeString(conf.resolve("destinations.yaml"), destinations);
        ConfigLoader.Result result = ConfigLoader.load(conf, Map.of(), NOW);
        assertThat(result).isInstanceOf(ConfigLoader.Refused.class);
        return ((ConfigLoader.Refused) result).problems().stream().map(ConfigProblem::toString).toList();
    }

    @ParameterizedTest
    @EnumSource(TlsLevel.class)
    void everyLevelIsAWord(TlsLevel level) throws IOException {
        assertThat(policy("destinations:\n  a.example: {tls: " + level.word() + "}\n", "a.example", NOW).tls().level()).isEqualTo(level);
    }

    @Test
    void aRateOfRecipientsIsInheritedReplacedOrTakenAway() throws IOException {
        String file = "default: {recipient_rate: 180/1m}\ndestinations:\n  a.example: {recipient_rate: 5/2h}\n  b.example: {recipient_rate: none}\n";
        assertThat(policy(file, "c.example", NOW).recipientRate()).contains(new RecipientRate(180, Duration.ofMinutes(1)));
        assertThat(policy(file, "a.example", NOW).recipientRate()).contains(new RecipientRate(5, Duration.ofHours(2)));
        assertThat(policy(file, "b.example", NOW).recipientRate()).isEmpty();
        assertThat(policy("destinations: {}\n", "c.example", NOW).recipientRate()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/1m", "180", "180/", "/1m", "180/1", "180/0s", "180/999ms", "180/32d", "180/999999999999d", "-1/1m", "1e3/1m", "9999999999/1m", "180/1m/1m"})
    void whatIsNoRateOfRecipientsIsRefused(String word) throws IOException {
        assertThat(mistakes("default: {recipient_rate: " + word + "}\n")).singleElement().asString().contains("recipient_rate", "180/1m");
    }

    @Test
    void allThatAnEntrySaysOfTlsIsRead() throws IOException {
        Files.createDirectory(folder.resolve("certs"));
        Files.writeString(folder.resolve("certs/c.pem"), "x");
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\ndelivery: {certificates: {mine: {certificate: certs/c.pem, key: certs/c.pem}}}\n");
        DestinationPolicy policy = policy("""
                destinations:
                  a.example:
                    tls: required
                    tls_trial: required-verify-hosted
                    dane: mandatory
                    mta_sts: off
                    tls_ciphers: [ECDHE-RSA-AES256-GCM-SHA384]
                    client_certificate: mine
                    trust: {files: [certs/c.pem]}
                    alert: [a@example.org, b@example.org]
                """, "a.example", NOW);
        assertThat(policy.terms().trial()).hasValueSatisfying(trial -> assertThat(trial).hasToString("required-verify-hosted from conf/destinations.yaml:4 [a.example]"));
        assertThat(policy.terms().dane()).isEqualTo(DaneUse.MANDATORY);
        assertThat(policy.terms().mtaSts()).isFalse();
        assertThat(policy.terms().ciphers()).containsExactly("ECDHE-RSA-AES256-GCM-SHA384");
        assertThat(policy.terms().certificate()).hasValueSatisfying(mine -> assertThat(mine.name()).isEqualTo("mine"));
        assertThat(policy.terms().ownTrust()).isTrue();
        assertThat(policy.terms().alert()).containsExactly(Mailbox.of("a@example.org"), Mailbox.of("b@example.org"));
    }

    /// R-POL-5: a level that is none is a mistake, and a relay with a mistake does not start; a running one keeps what it has.
    @Test
    void mistakesNameWhatIsExpected() throws IOException {
        assertThat(mistakes("""
                destinations:
                  a.example:
                    tls: required
                    tls_trial: preferred
                    tls_ciphers: [ECDHE-RSA-AES256-GCM-SHA348]
                    client_certificate: mine
                    tls_min_version: TLSv1.1
                    alert: nobody
                """)).containsExactly(
                "conf/destinations.yaml:4:16: tls_trial: found preferred, expected a level above the entry's, which is required",
                "conf/destinations.yaml:5:19: tls_ciphers: found ECDHE-RSA-AES256-GCM-SHA348, expected a TLS 1.2 suite in OpenSSL's spelling; did you mean ECDHE-RSA-AES256-GCM-SHA384?",
                "conf/destinations.yaml:6:25: client_certificate: found mine, expected the name of an entry of delivery.certificates",
                "conf/destinations.yaml:7:22: tls_min_version: found TLSv1.1, expected TLSv1.2 or TLSv1.3 at the level required",
                "conf/destinations.yaml:8:12: alert: found nobody, expected a mail address");
    }

    @Nested
    class AnException {

        private static final String WRITTEN = """
                destinations:
                  broken.example:
                    tls: required-verify
                    dane: mandatory
                    exception:
                      tls: preferred
                      ehlo: tolerant
                      reason: their EHLO puts STARTTLS first, NET-4711
                      owner: postmaster@example.org
                      expires: 2026-12-01
                """;

        @Test
        void lowersWhatItNamesAndNothingElse() throws IOException {
            DestinationPolicy policy = policy(WRITTEN, "broken.example", NOW);
            assertThat(policy.tls()).hasToString("preferred from conf/destinations.yaml:6 [broken.example, exception until 2026-12-01]");
            assertThat(policy.ehlo()).isEqualTo(EhloReading.TOLERANT);
            assertThat(policy.terms().dane()).isEqualTo(DaneUse.MANDATORY);
        }

        @Test
        void isVoidAfterItsLastDayInLocalTime() throws IOException {
            Instant end = java.time.LocalDate.of(2026, 12, 2).atStartOfDay(java.time.ZoneId.systemDefault()).toInstant();
            assertThat(policy(WRITTEN, "broken.example", end.minusSeconds(1)).tls().level()).isEqualTo(TlsLevel.PREFERRED);
            assertThat(policy(WRITTEN, "broken.example", end).tls()).hasToString("required-verify from conf/destinations.yaml:3 [broken.example]");
        }

        @Test
        void nearItsEndAndPastItIsAWarning() throws IOException {
            assertThat(loaded(WRITTEN, NOW).warnings()).contains("conf/destinations.yaml:6: the exception of broken.example (postmaster@example.org: "
                    + "their EHLO puts STARTTLS first, NET-4711) ends with 2026-12-01");
            assertThat(loaded(WRITTEN, NOW.minusSeconds(86_400 * 20)).warnings()).noneMatch(line -> line.contains("exception"));
            assertThat(loaded(WRITTEN, NOW.plusSeconds(86_400 * 20)).warnings()).anyMatch(line -> line.endsWith("is void since the end of 2026-12-01"));
        }

        @Test
        void withoutReasonOwnerAndEndOrLoweringNothingIsAMistake() throws IOException {
            assertThat(mistakes("destinations:\n  a.example: {tls: required, exception: {tls: required-verify}}\n")).containsExactlyInAnyOrder(
                    "conf/destinations.yaml:2:41: exception: found no expires, expected its last day such as 2027-01-31",
                    "conf/destinations.yaml:2:41: exception: found no reason, expected why the level is lowered",
                    "conf/destinations.yaml:2:41: exception: found no owner, expected who answers for it",
                    "conf/destinations.yaml:2:47: tls: found required-verify, expected a level below the entry's, which is required");
        }
    }

    @Nested
    class TestsOfTheOperator {

        @Test
        void gateTheConfiguration() throws IOException {
            String written = "destinations:\n  bank.example: {tls: required}\ntests:\n  - {to: a@bank.example, expect: {tls: %s, entry: bank.example, route: MX}}\n";
            assertThat(loaded(written.formatted("required"), NOW).settings().destinations().tests()).hasSize(1);
            assertThat(mistakes(written.formatted("required-verify"))).containsExactly(
                    "conf/destinations.yaml:4:1: the test for bank.example fails: tls: expected required-verify, found required");
        }

        @Test
        void withoutRecipientOrExpectationAreMistakes() throws IOException {
            assertThat(mistakes("tests:\n  - {to: a@bank.example}\n  - {expect: {tsl: required}}\n")).hasSize(3)
                    .anyMatch(line -> line.contains("unknown key tsl; did you mean tls?"));
        }
    }

    @Test
    void entriesThatChangeNothingAndKeysWithoutEffectArePointedOut() throws IOException {
        assertThat(loaded("""
                destinations:
                  .partner.example: {tls: required}
                  a.partner.example: {tls: required}
                  none.example: {tls: none, dane: mandatory, mta_sts: honour}
                  host.example: {tls: required-verify-hosted}
                """, NOW).warnings()).filteredOn(line -> line.contains("destinations.yaml")).containsExactlyInAnyOrder(
                "destinations.yaml: the entry a.partner.example changes nothing: .partner.example says the same",
                "conf/destinations.yaml:4: dane has no effect in the entry none.example, which has tls: none",
                "conf/destinations.yaml:4: mta_sts has no effect in the entry none.example, which has tls: none",
                "conf/destinations.yaml:5: host.example is hosted without tls_names: the certificate must name the domain itself, or the MX must be signed (DNSSEC) or listed "
                        + "by an MTA-STS policy; 'mailrelay tls-check' tells");
    }

    /// What a half-saved or a mistaken file would lower without anyone having asked for it.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tls: required-verify | tls: required
            tls: required, dane: mandatory | tls: required
            tls: preferred, mta_sts: honour | tls: preferred, mta_sts: off
            tls: required, tls_min_version: TLSv1.3 | tls: required
            tls: preferred, tls_min_version: TLSv1.2 | tls: preferred, tls_min_version: TLSv1
            tls: required, tls_ciphers: [ECDHE-RSA-AES256-GCM-SHA384] | tls: required
            tls: required-verify, tls_names: [mx.a.example] | tls: required-verify
            tls: required-verify, tls_names: [mx.a.example] | tls: required-verify, tls_names: [mx.a.example, mx.b.example]
            tls: required-verify | tls: required-verify, allow_common_name: true
            tls: required-verify, trust: {system: false, files: [conf/access.yaml]} | tls: required-verify
            tls: preferred, trust: {system: false, files: [conf/access.yaml]} | tls: preferred
            tls: required, trust: {system: false, files: [conf/access.yaml]} | tls: required, trust: {system: true, files: [conf/access.yaml]}
            tls: preferred, plaintext_after_handshake_failure: false | tls: preferred
            tls: preferred, ehlo_near_miss: defer | tls: preferred
            tls: preferred | tls: preferred, ehlo: tolerant
            tls: required | tls: required, exception: {tls: preferred, reason: r, owner: o, expires: 2026-12-31}
            """)
    void aReloadLowersTheTermsOf(String before, String after) throws IOException {
        Settings old = loaded("destinations:\n  a.example: {" + before + "}\n", NOW).settings();
        Settings next = loaded("destinations:\n  a.example: {" + after + "}\n", NOW).settings();
        assertThat(PolicyChange.lowersTls(old, next, NOW)).containsExactly("a.example");
        assertThat(PolicyChange.lowersTls(old, old, NOW)).isEmpty();
    }

    @Test
    void anExceptionThatHasEndedRaisesAgain() throws IOException {
        Settings old = loaded("destinations:\n  a.example: {tls: required, exception: {tls: preferred, reason: r, owner: o, expires: 2026-12-31}}\n", NOW).settings();
        Settings next = loaded("destinations:\n  a.example: {tls: required}\n", NOW).settings();
        assertThat(PolicyChange.lowersTls(old, next, NOW)).isEmpty();
    }
}
