package org.mailrelay.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import org.mailrelay.core.mail.Domain;

/// An MTA-STS policy as its host sends it: read, or told what is wrong with it; read again from what was understood, it is the same.
class StsPolicyFuzzTest {

    private static final Domain DOMAIN = Domain.of("example.net");

    @FuzzTest(maxDuration = "1m")
    void policy(byte[] octets) {
        switch (StsPolicyParser.parse(DOMAIN, "1", octets)) {
            case StsPolicyParser.Result.Broken(int line, String text, String problem) -> {
                assertThat(line).isNotNegative();
                assertThat(text).doesNotContain("\n");
                assertThat(problem).isNotEmpty();
            }
            case StsPolicyParser.Result.Read(StsPolicy policy) -> {
                assertThat(policy.maxAge()).isBetween(Duration.ZERO, Duration.ofSeconds(31_557_600));
                assertThat(policy.mx()).hasSizeLessThanOrEqualTo(1_000).allMatch(pattern -> pattern.chars().allMatch(c -> c > 0x20 && c < 0x7f));
                String again = "version: STSv1\nmode: " + policy.mode().name().toLowerCase(java.util.Locale.ROOT) + "\nmax_age: " + policy.maxAge().toSeconds() + "\n"
                        + policy.mx().stream().map(pattern -> "mx: " + pattern + "\n").collect(Collectors.joining());
                assertThat(StsPolicyParser.parse(DOMAIN, "1", again.getBytes(StandardCharsets.US_ASCII))).isEqualTo(new StsPolicyParser.Result.Read(policy));
            }
        }
    }

    /// The TXT records, one a line: a policy is published by exactly one that begins as it must, with an id of letters and digits (RFC 8461 §3.1).
    @FuzzTest(maxDuration = "1m")
    void record(byte[] octets) {
        java.util.List<String> texts = java.util.List.of(new String(octets, StandardCharsets.ISO_8859_1).split("\n", 10));
        switch (StsRecord.read(texts)) {
            case StsRecord.NotPublished(String why) -> assertThat(why).isNotEmpty();
            case StsRecord.Published(String id) -> {
                assertThat(id).matches("[A-Za-z0-9]{1,32}");
                assertThat(texts).filteredOn(text -> text.startsWith("v=STSv1;")).singleElement()
                        .satisfies(text -> assertThat(text).matches("(?s).*;[ \\t]*id=" + id + "[ \\t]*(;.*)?"));
            }
        }
    }
}
