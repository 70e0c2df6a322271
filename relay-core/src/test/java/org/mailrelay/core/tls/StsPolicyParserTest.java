package org.mailrelay.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.StsPolicyParser.Result;

class StsPolicyParserTest {

    private static final Domain DOMAIN = Domain.of("example.com");
    private static final String GOOD = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 604800\n";

    private static final String ODD = "\r\n:*. \0";

    private static Result parse(String text) {
        return StsPolicyParser.parse(DOMAIN, "id1", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static StsPolicy read(String text) {
        assertThat(parse(text)).isInstanceOf(Result.Read.class);
        return ((Result.Read) parse(text)).policy();
    }

    private static void assertBroken(String text, int line, String quoted) {
        assertThat(parse(text)).isInstanceOfSatisfying(Result.Broken.class, broken -> {
            assertThat(broken.line()).isEqualTo(line);
            assertThat(broken.text()).isEqualTo(quoted);
            assertThat(broken.problem()).isNotEmpty();
        });
    }

    @Test
    void R_STS_3_readsAPolicy() {
        assertThat(read(GOOD)).isEqualTo(new StsPolicy(DOMAIN, "id1", StsPolicy.Mode.ENFORCE, Duration.ofDays(7), List.of("mail.example.com", "*.example.net")));
    }

    @Test
    void R_STS_3_linesEndWithEitherAndTheLastNeedNotEnd() {
        assertThat(read(GOOD.replace("\n", "\r\n"))).isEqualTo(read(GOOD));
        assertThat(read(GOOD.stripTrailing())).isEqualTo(read(GOOD));
        assertThat(read(GOOD.replace(": ", ":\t "))).isEqualTo(read(GOOD));
        assertThat(read("\n" + GOOD.replace("\n", "  \n\n"))).isEqualTo(read(GOOD));
    }

    @Test
    void R_STS_3_theFirstOfARepeatedFieldCounts() {
        assertThat(read(GOOD + "mode: none\nmax_age: 1\nversion: STSv2\n")).isEqualTo(read(GOOD));
    }

    @Test
    void R_STS_3_unknownFieldsAreLeftOut() {
        assertThat(read("x-new: what:ever\n" + GOOD)).isEqualTo(read(GOOD));
    }

    @Test
    void R_STS_3_aPolicyOfModeNoneNeedsNoMx() {
        assertThat(read("version: STSv1\nmode: none\nmax_age: 60\n").mode()).isEqualTo(StsPolicy.Mode.NONE);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "31557600, 31557600", "31557601, 31557600", "9999999999, 31557600"})
    void R_STS_3_maxAgeIsAYearAtMost(String written, long seconds) {
        assertThat(read(GOOD.replace("604800", written)).maxAge()).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"version: STSv2", "mode: enforced", "mode: Enforce", "mode:", "max_age: -1", "max_age: +1", "max_age: 1 day", "max_age: 10000000000", "max_age:",
            "max_age: 1\u00b2", "mx: ", "mx: *", "mx: *.", "mx: *.*.example.com", "mx: m*.example.com", "mx: .example.com", "mx: mail.example.com.", "mx: b\u00fccher.example",
            "mx: mail example.com", "<html>", ": enforce", "mode enforce", "mode: enforce\0", "\u0007mode: enforce"})
    void whatIsWrongIsToldWithItsLine(String line) {
        assertBroken("x: y\n" + line + "\n" + GOOD, 2, line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "mode", "max_age", "mx"})
    void R_STS_3_nothingMayBeMissing(String field) {
        assertBroken(GOOD.replaceAll("(?m)^" + field + ":.*\n", ""), 0, "");
    }

    /// RFC 8461 §4.1: "the wildcard ... matches exactly one label".
    @ParameterizedTest
    @CsvSource({"mail.example.com, true", "a.example.net, true", "a.b.example.net, false", "example.net, false", "xexample.net, false", "other.example.com, false"})
    void R_STS_4_aWildcardIsOneLabel(String host, boolean listed) {
        assertThat(read(GOOD).lists(Domain.of(host))).isEqualTo(listed);
    }

    @Test
    void R_STS_4_patternsCompareInLowerCase() {
        assertThat(read(GOOD.replace("mail.example", "MAIL.Example")).lists(Domain.of("mail.example.com"))).isTrue();
    }

    @Test
    @Timeout(10)
    void aMillionPatternsAreRefused() {
        assertBroken(GOOD + "mx: a.example\n".repeat(1_000_000), 1_004, "mx: a.example");
    }

    /// Never an exception, whatever the octets; what is read obeys the rules.
    @Test
    @Timeout(30)
    void anythingIsEitherAPolicyOrBroken() {
        SplittableRandom random = new SplittableRandom(20261124);
        byte[] good = GOOD.getBytes(StandardCharsets.ISO_8859_1);
        for (int round = 0; round < 50_000; round++) {
            byte[] octets = good.clone();
            for (int change = random.nextInt(6); change >= 0; change--) {
                octets[random.nextInt(octets.length)] = (byte) (random.nextInt(3) == 0 ? ODD.charAt(random.nextInt(ODD.length())) : random.nextInt(256));
            }
            if (StsPolicyParser.parse(DOMAIN, "id", octets) instanceof Result.Read(StsPolicy policy)) {
                assertThat(policy.maxAge()).isBetween(Duration.ZERO, Duration.ofSeconds(31_557_600));
                assertThat(policy.mode() == StsPolicy.Mode.NONE || !policy.mx().isEmpty()).isTrue();
                policy.mx().forEach(pattern -> assertThat(Domain.parse(pattern.startsWith("*.") ? pattern.substring(2) : pattern)).isPresent());
            }
        }
    }

    @Nested
    class TheTextRecord {

        @ParameterizedTest
        @ValueSource(strings = {"v=STSv1; id=20260101", "v=STSv1;id=20260101;", "v=STSv1; id=20260101 ; x=y", "v=STSv1; x=y; id=20260101; id=2"})
        void R_STS_1_hasAnId(String text) {
            assertThat(StsRecord.read(List.of("unrelated", text))).isEqualTo(new StsRecord.Published("20260101"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "v=STSv1", "v=STSv2; id=1", "id=1; v=STSv1;", " v=STSv1; id=1", "V=STSv1; id=1", "v=STSv1; id=", "v=STSv1; id=a-b", "v=STSv1; id",
                "v=STSv1; ID=1", "v=STSv1; id=123456789012345678901234567890123", "v=STSv1; id=\u0661"})
        void R_STS_1_orThereIsNoPolicy(String text) {
            assertThat(StsRecord.read(List.of(text))).isInstanceOf(StsRecord.NotPublished.class);
        }

        @Test
        void R_STS_1_ofSeveralNoneCounts() {
            assertThat(StsRecord.read(List.of("v=STSv1; id=1", "v=STSv1; id=2"))).isInstanceOf(StsRecord.NotPublished.class);
            assertThat(StsRecord.read(List.of())).isInstanceOf(StsRecord.NotPublished.class);
        }

        @Test
        @Timeout(10)
        void longOnesCostNoMoreThanTheirLength() {
            assertThat(StsRecord.read(List.of("v=STSv1;" + " a=b;".repeat(200_000) + " id=1"))).isInstanceOf(StsRecord.NotPublished.class);
        }
    }
}
