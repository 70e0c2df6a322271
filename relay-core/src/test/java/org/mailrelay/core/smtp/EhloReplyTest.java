package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.core.smtp.Finding.Kind.*;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EhloReplyTest {

    private static final Reply SEED = Reply.of(250, "STARTTLS", "mail.domain1.com", "8BITMIME", "PIPELINING", "HELP", "DELIVERBY 300", "SIZE 30000000");

    @Nested
    class WhenTheFirstLineIsAKeyword {

        @Test
        void R_EHLO_1_firstLineIsNeverACapability() {
            EhloReply peer = EhloReply.parse(SEED, EhloReading.STRICT);
            assertThat(peer.domain()).isEqualTo("STARTTLS");
            assertThat(peer.keywords().keySet()).containsExactly("8BITMIME", "PIPELINING", "HELP", "DELIVERBY", "SIZE");
            assertThat(peer.has(Keyword.STARTTLS)).isFalse();
            assertThat(peer.nearMiss()).isTrue();
            assertThat(peer.size()).hasValue(30_000_000);
            assertThat(peer.parameters(Keyword.DELIVERBY)).containsExactly("300");
            assertThat(kinds(peer)).containsExactly(KEYWORD_IN_GREETING, INVALID_LINE, NEAR_MISS);
            assertThat(peer.findings().getFirst().sentence()).isEqualTo("EHLO line 1 \"250-STARTTLS\" is the greeting (RFC 1869 4.3): STARTTLS is not offered");
        }

        @Test
        void howManyMessagesAHostTakesIsReadWhereItIsANumber() {
            for (String limits : List.of("LIMITS", "LIMITS RCPTMAX=3", "LIMITS MAILMAX=", "LIMITS MAILMAX=0", "LIMITS MAILMAX=-1", "LIMITS MAILMAX=1x", "MAILMAX=3")) {
                assertThat(EhloReply.parse(Reply.of(250, "mx", limits), EhloReading.STRICT).mailMax()).as(limits).isEmpty();
            }
            assertThat(EhloReply.parse(Reply.of(250, "mx", "limits rcptmax=3 mailmax=20"), EhloReading.STRICT).mailMax()).hasValue(20);
        }

        @Test
        void everyKeywordInAnyCase() {
            for (Keyword keyword : Keyword.values()) {
                for (String first : List.of(keyword.word(), keyword.word().toLowerCase(Locale.ROOT), keyword.word() + " 1000")) {
                    EhloReply peer = parse(first, "HELP");
                    assertThat(peer.keywords().keySet()).as(first).containsExactly("HELP");
                    assertThat(kinds(peer)).as(first).contains(KEYWORD_IN_GREETING);
                }
            }
        }

        @Test
        void R_EHLO_2_oneLineOffersNothing() {
            EhloReply peer = parse("STARTTLS");
            assertThat(peer.keywords()).isEmpty();
            assertThat(peer.findings().getFirst().text()).isEqualTo("250 STARTTLS");
            assertThat(kinds(peer)).containsExactly(KEYWORD_IN_GREETING, NEAR_MISS);
        }

        @Test
        void tolerantReadingOffersItAndKeepsTheFinding() {
            EhloReply peer = EhloReply.parse(SEED, EhloReading.TOLERANT);
            assertThat(peer.has(Keyword.STARTTLS)).isTrue();
            assertThat(peer.nearMiss()).isFalse();
            assertThat(kinds(peer)).containsExactly(KEYWORD_IN_GREETING, INVALID_LINE);
            assertThat(EhloReply.parse(Reply.of(250, "mail.example STARTTLS", "HELP"), EhloReading.TOLERANT).has(Keyword.STARTTLS)).isFalse();
            assertThat(EhloReply.parse(Reply.of(250, "STARTTLS.example", "HELP"), EhloReading.TOLERANT).has(Keyword.STARTTLS)).isFalse();
        }

        @Test
        void offeredAgainOnALineOfItsOwnItIsOffered() {
            EhloReply peer = parse("STARTTLS", "STARTTLS");
            assertThat(peer.has(Keyword.STARTTLS)).isTrue();
            assertThat(peer.nearMiss()).isFalse();
            assertThat(kinds(peer)).containsExactly(KEYWORD_IN_GREETING);
        }
    }

    /// RFC 5321 §4.1.1.1: `ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")`, then the end of the line or a space: over every octet at each place.
    @Test
    void R_EHLO_3_aKeywordIsWhatTheGrammarSaysAndNothingElse() {
        for (char c = 1; c < 256; c++) {
            if (c == '\r' || c == '\n') {
                continue;
            }
            boolean word = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            String as = "%02x".formatted((int) c);
            assertThat(parse("mx.example", c + "QS").keywords().keySet()).as(as).isEqualTo(word ? Set.of(Ascii.upper(c + "QS")) : Set.of());
            assertThat(parse("mx.example", "Q" + c).keywords().keySet()).as(as).isEqualTo(c == ' ' ? Set.of("Q") : word || c == '-' ? Set.of(Ascii.upper("Q" + c)) : Set.of());
            assertThat(parse("mx.example", "STARTTLS" + c).has(Keyword.STARTTLS)).as(as).isEqualTo(c == ' ');
        }
    }

    @Nested
    class Identification {

        @Test
        void plainDomainAndGreeting() {
            EhloReply peer = parse("mx.example Hello you", "STARTTLS");
            assertThat(peer.domain()).isEqualTo("mx.example");
            assertThat(peer.greeting()).isEqualTo("Hello you");
            assertThat(peer.findings()).isEmpty();
            assertThat(peer.has(Keyword.STARTTLS)).isTrue();
        }

        @Test
        void missingDomainLeavesTheRestAsItIs() {
            EhloReply peer = parse("", "STARTTLS");
            assertThat(peer.domain()).isEmpty();
            assertThat(peer.has(Keyword.STARTTLS)).isTrue();
            assertThat(kinds(peer)).containsExactly(MISSING_DOMAIN);
            assertThat(kinds(parse(""))).containsExactly(MISSING_DOMAIN);
        }

        @Test
        void R_EHLO_10_whatIsNoDomainIsKeptAsText() {
            for (String first : List.of("Hello, you", "a..b", "-a.example", "exämple", "[1.2.3]", "a_b.example", "mx.example.", "#123")) {
                EhloReply peer = parse(first, "SIZE");
                assertThat(kinds(peer)).as(first).containsExactly(INVALID_DOMAIN);
                assertThat(peer.domain()).isEqualTo(first.split(" ")[0].replace("ä", "\\xe4"));
            }
            assertThat(parse("[192.0.2.1]").findings()).isEmpty();
            assertThat(parse("[IPv6:2001:db8::1] hi").findings()).isEmpty();
        }
    }

    @Nested
    class KeywordLines {

        @Test
        void R_EHLO_4_caseOfAsciiOnly() {
            assertThat(parse("a", "StartTLS").has(Keyword.STARTTLS)).isTrue();
            assertThat(parse("a", "StartTLS").findings()).isEmpty();
            EhloReply longS = parse("a", "\u00c5\u00bfTARTTLS");
            assertThat(longS.keywords()).isEmpty();
            assertThat(kinds(longS)).containsExactly(INVALID_LINE);
        }

        @Test
        void R_EHLO_5_wholeTokenOnly() {
            for (String line : List.of("STARTTLSX", "XSTARTTLS", "X-STARTTLS", "HELP STARTTLS", "START-TLS STARTTLS")) {
                EhloReply peer = parse("a", line);
                assertThat(peer.has(Keyword.STARTTLS)).as(line).isFalse();
                assertThat(peer.nearMiss()).as(line).isTrue();
                assertThat(kinds(peer)).as(line).contains(NEAR_MISS);
            }
        }

        @Test
        void R_EHLO_7_extraSpacesAreTakenAndNoted() {
            for (String line : List.of("SIZE  1000", "SIZE 1000 ", "SIZE   1000  ")) {
                EhloReply peer = parse("a", line);
                assertThat(peer.parameters(Keyword.SIZE)).as(line).containsExactly("1000");
                assertThat(kinds(peer)).as(line).containsExactly(BAD_WHITESPACE);
            }
            EhloReply peer = parse("a", "STARTTLS ");
            assertThat(peer.has(Keyword.STARTTLS)).isTrue();
            assertThat(kinds(peer)).containsExactly(BAD_WHITESPACE);
        }

        @Test
        void equalsSignMakesNoKeyword() {
            EhloReply auth = parse("a", "AUTH=LOGIN PLAIN");
            assertThat(auth.keywords()).isEmpty();
            assertThat(kinds(auth)).containsExactly(NONSTANDARD_KEYWORD);
            EhloReply tls = parse("a", "STARTTLS=1");
            assertThat(kinds(tls)).containsExactly(NONSTANDARD_KEYWORD, NEAR_MISS);
        }

        @Test
        void R_EHLO_6_illFormedLinesGiveNothing() {
            for (String line : List.of("", " STARTTLS", "\tSTARTTLS", "STARTTLS\t", "STARTTLS\u001b", "STARTTLS \u00e9", "mail.domain1.com", "-STARTTLS", "STARTTLS.", "STARTTLS\u007f", "STARTTLS,SIZE", "SIZE 10\t20")) {
                EhloReply peer = parse("a", line, "HELP");
                assertThat(peer.keywords().keySet()).as(line).containsExactly("HELP");
                assertThat(kinds(peer)).as(line).startsWith(INVALID_LINE);
                assertThat(peer.nearMiss()).as(line).isEqualTo(line.contains("STARTTLS"));
            }
        }

        @Test
        void startTlsWithParametersIsStillOffered() {
            EhloReply peer = parse("a", "STARTTLS required");
            assertThat(peer.has(Keyword.STARTTLS)).isTrue();
            assertThat(kinds(peer)).containsExactly(UNEXPECTED_PARAMETER);
        }

        @Test
        void R_EHLO_8_firstOfDuplicatesCountsAndAuthIsTheUnion() {
            EhloReply peer = parse("a", "SIZE 10", "AUTH PLAIN", "SIZE 20", "auth LOGIN plain");
            assertThat(peer.size()).hasValue(10);
            assertThat(peer.parameters(Keyword.AUTH)).containsExactly("PLAIN", "LOGIN");
            assertThat(kinds(peer)).containsExactly(DUPLICATE_KEYWORD, DUPLICATE_KEYWORD);
        }

        @Test
        void maskedKeywordIsIgnoredAndNearMissWhenAsLongAsStartTls() {
            EhloReply eight = parse("a", "XXXXXXXA");
            assertThat(eight.keywords()).isEmpty();
            assertThat(eight.nearMiss()).isTrue();
            assertThat(kinds(eight)).containsExactly(MASKED_KEYWORD, NEAR_MISS);
            EhloReply four = parse("a", "XXXX");
            assertThat(four.nearMiss()).isFalse();
            assertThat(kinds(four)).containsExactly(MASKED_KEYWORD);
            assertThat(parse("a", "STARTTLS", "XXXXXXXX").nearMiss()).isFalse();
            assertThat(parse("a", "XEXCH50").findings()).isEmpty();
        }

        @Test
        void R_EHLO_9_sizeIsDigitsOnly() {
            assertThat(parse("a", "SIZE").size()).isEmpty();
            assertThat(parse("a", "SIZE 0").size()).isEmpty();
            for (String value : List.of("-1", "+1", "1k", "0x10", "1".repeat(21))) {
                EhloReply peer = parse("a", "SIZE " + value);
                assertThat(peer.has(Keyword.SIZE)).as(value).isTrue();
                assertThat(peer.size()).as(value).isEmpty();
            }
            assertThat(parse("a", "SIZE " + "9".repeat(20)).size()).hasValue(Long.MAX_VALUE);
        }

        @Test
        void R_EHLO_20_unknownKeywordsAreHarmless() {
            EhloReply peer = parse("a", "FROBNICATE a b", "X-EXPS GSSAPI", "2ND");
            assertThat(peer.keywords().keySet()).containsExactly("FROBNICATE", "X-EXPS", "2ND");
            assertThat(peer.findings()).isEmpty();
        }
    }

    @Test
    void bareLineEndingIsNotedOnItsLine() {
        EhloReply peer = EhloReply.parse(new Reply(250, List.of("a", "STARTTLS"), 2), EhloReading.STRICT);
        assertThat(peer.has(Keyword.STARTTLS)).isTrue();
        assertThat(peer.findings()).containsExactly(new Finding(BARE_LINE_ENDING, 2, "250 STARTTLS"));
    }

    @Test
    void R_EHLO_11_anotherSuccessOffersNothing() {
        EhloReply peer = EhloReply.parse(Reply.of(251, "a", "STARTTLS"), EhloReading.TOLERANT);
        assertThat(peer.form()).isEqualTo(EhloReply.Form.UNEXPECTED_CODE);
        assertThat(peer.keywords()).isEmpty();
        assertThat(peer.nearMiss()).isTrue();
        assertThat(kinds(peer)).containsExactly(UNEXPECTED_CODE, NEAR_MISS);
    }

    @Test
    void R_EHLO_15_heloNeverOffersAnything() {
        EhloReply peer = EhloReply.ofHelo(Reply.of(250, "mx.example hi", "STARTTLS", "SIZE 10"));
        assertThat(peer.form()).isEqualTo(EhloReply.Form.HELO);
        assertThat(peer.domain()).isEqualTo("mx.example");
        assertThat(peer.keywords()).isEmpty();
        assertThat(peer.findings()).isEmpty();
    }

    @Test
    void findingTextIsEscapedAndCapped() {
        EhloReply peer = parse("a", "\u001b]0;x\u0007\" \\" + "z".repeat(500));
        assertThat(peer.findings().getFirst().text()).startsWith("250 \\x1b]0;x\\x07\\\" \\\\zz").hasSize(200);
    }

    private static EhloReply parse(String... lines) {
        return EhloReply.parse(Reply.of(250, lines), EhloReading.STRICT);
    }

    private static List<Finding.Kind> kinds(EhloReply peer) {
        return peer.findings().stream().map(Finding::kind).toList();
    }
}
