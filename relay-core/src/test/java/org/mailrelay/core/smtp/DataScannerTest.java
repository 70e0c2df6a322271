package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DataScannerTest {

    private static final String BEHIND = "MAIL FROM:<evil@example.com>\r\n";

    /// Every row of the smuggling catalogue that is content: the true end comes later, and the message is refused there.
    private static final List<String> SPOILT = List.of("\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n\0.\r\n",
            "\r\n.\0\r\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\n..\n", "\r\n.\r.\r\n", "\r\n\r.\r\n", "\n.\r\r\n");

    /// Rows that are content and spoil nothing.
    private static final List<String> CLEAN = List.of("\r\n. \r\n", "\r\n.\t\r\n", "\r\n..\r\n", "\r\n .\r\n", "\u0085.\u0085", "\u000b.\u000b", "\f.\f",
            "\u00e2\u0080\u00a8.\u00e2\u0080\u00a8", "\r\n..", "\r\n.x");

    @Nested
    class Smuggling {

        @Test
        void B_SMUG_nothingButCrLfDotCrLfEndsTheData() {
            for (String row : SPOILT) {
                String content = "Subject: x\r\n\r\nbody" + row + BEHIND;
                everySplit(content, scan -> {
                    assertThat(scan.content).as(Escape.text(row, 50)).isEqualTo(content);
                    assertThat(scan.rest).isEqualTo(".\r\n" + BEHIND);
                    assertThat(scan.scanner.refusal()).contains(OurReplies.BARE_LINE_ENDING);
                });
            }
        }

        @Test
        void B_SMUG_cleanRowsAreContent() {
            for (String row : CLEAN) {
                String content = "Subject: x\r\n\r\nbody" + row + BEHIND;
                everySplit(content, scan -> {
                    assertThat(scan.content).as(Escape.text(row, 50)).isEqualTo(content);
                    assertThat(scan.scanner.refusal()).isEmpty();
                });
            }
        }

        @Test
        void B_SMUG_bareCrBeforeTheTrueEndEndsAndRefuses() {
            Scan scan = scan("body\r\r\n.\r\n" + BEHIND, 100);
            assertThat(scan.content).isEqualTo("body\r\r\n");
            assertThat(scan.scanner.refusal()).isPresent();
        }

        @Test
        void B_SMUG_terminatorAtBufferEdges() {
            for (int edge : new int[] {4096, 8192, 16384}) {
                for (int shift = -6; shift <= 6; shift++) {
                    String content = "x".repeat(edge + shift - 2) + "\r\n";
                    Scan scan = scan(content + ".\r\n" + BEHIND, edge);
                    assertThat(scan.content).hasSize(content.length());
                    assertThat(scan.rest).isEqualTo(".\r\n" + BEHIND);
                    ByteBuffer direct = ByteBuffer.allocateDirect(edge * 2 + 100).put(octets(content + ".\r\n" + BEHIND)).flip();
                    DataScanner scanner = new DataScanner();
                    scanner.scan(direct);
                    assertThat(scanner.ended()).isTrue();
                    assertThat(direct.position()).isEqualTo(content.length());
                }
            }
        }

        @Test
        void dotAtOnceIsAnEmptyMessage() {
            everySplit("", scan -> {
                assertThat(scan.content).isEmpty();
                assertThat(scan.scanner.trueSize()).isZero();
            });
        }
    }

    @Nested
    class Counting {

        @Test
        void trueSizeLeavesStuffingOut() {
            Scan scan = scan("..a\r\n.b\r\nc.d\r\n...\r\n.\r\n", 3);
            assertThat(scan.scanner.stuffedDots()).isEqualTo(3);
            assertThat(scan.scanner.trueSize()).isEqualTo(".a\r\nb\r\nc.d\r\n..\r\n".length());
            assertThat(scan.scanner.longestLine()).isEqualTo(3);
        }

        @Test
        void eightBitIsSeenAtEveryPlace() {
            for (int place = 0; place < 40; place++) {
                StringBuilder line = new StringBuilder("x".repeat(40));
                line.setCharAt(place, '\u00e9');
                assertThat(scan(line + "\r\n.\r\n", 100).scanner.eightBit()).isTrue();
                assertThat(scan("x".repeat(40) + "\r\n.\r\n" + line, 100).scanner.eightBit()).as("behind the end").isFalse();
            }
        }

        @Test
        void longestLineCountsTheLineUnderWay() {
            DataScanner scanner = new DataScanner();
            scanner.scan(octets("ab\r\n" + "x".repeat(3000)), 0, 3004);
            assertThat(scanner.longestLine()).isEqualTo(3000);
        }
    }

    @Nested
    class Header {

        @Test
        void fieldsAreReadUnfoldedFromTheHeaderOnly() {
            everySplit("received: a\r\n\tb\r\nReceived : c\r\nSUBJECT: Hello\r\n  world \r\nSubject: second\r\nMessage-ID:<1@x>\r\n\r\n"
                    + "Received: no\r\nSubject: body\r\n", scan -> {
                assertThat(scan.scanner.receivedFields()).isEqualTo(2);
                assertThat(scan.scanner.subject()).contains("Hello  world");
                assertThat(scan.scanner.messageId()).contains("<1@x>");
            });
        }

        @Test
        void B_INJ_lineBehindABareLfIsNoField() {
            Scan scan = scan("Subject: a\nReceived: b\r\n\r\n.\r\n", 100);
            assertThat(scan.scanner.receivedFields()).isZero();
        }

        /// RFC 8689 §5: the field is "TLS-Required: No"; said twice, said otherwise or said in the body it is not said (R-RTLS-4, B-INJ).
        @Test
        void R_RTLS_4_tlsRequiredNoIsHeardOnceInTheHeaderAndNowhereElse() {
            for (String heard : List.of("TLS-Required: No\r\n", "tls-required:no\r\n", "TLS-REQUIRED:\r\n NO \r\n", "A: b\r\nTLS-Required : nO\r\nC: d\r\n")) {
                assertThat(scan(heard + "\r\nx\r\n.\r\n", 100).scanner.content(0).tlsRequiredNo()).as(heard).isTrue();
                assertThat(scan(heard + ".\r\n", 100).scanner.content(0).tlsRequiredNo()).as(heard).isTrue();
            }
            for (String unheard : List.of("TLS-Required: No\r\nTLS-Required: No\r\n", "TLS-Required: No\r\nTLS-Required: Yes\r\n", "TLS-Required: Yes\r\nTLS-Required: No\r\n", "TLS-Required: Yes\r\n",
                    "TLS-Required: No way\r\n", "TLS-Required:\r\n", "TLS-Required: \"No\"\r\n", "X-TLS-Required: No\r\n", "A: b\r\n\r\nTLS-Required: No\r\n", "no field\r\nTLS-Required: No\r\n",
                    "A: TLS-Required: No\r\n", "TLS-Requ\u0131red: No\r\n", "TLS-Required: N\u00ba\r\n",
                    "TLS-Required: No" + " ".repeat(5_000) + "way\r\n", "TLS-Required: No\r\n" + (" ".repeat(70) + "\r\n").repeat(40) + " way\r\n")) {
                assertThat(scan(unheard + "\r\nx\r\n.\r\n", 100).scanner.content(0).tlsRequiredNo()).as(unheard).isFalse();
            }
        }

        @Test
        void lineThatIsNoFieldEndsTheHeader() {
            assertThat(scan("no field here\r\nSubject: x\r\n.\r\n", 100).scanner.subject()).isEmpty();
            assertThat(scan(" folded first\r\nSubject: x\r\n.\r\n", 100).scanner.subject()).isEmpty();
            assertThat(scan("Subject: header only\r\n.\r\n", 100).scanner.subject()).contains("header only");
        }

        @Test
        void longValuesAreCut() {
            assertThat(scan("Subject: " + "x".repeat(5000) + "\r\n y\r\n.\r\n", 100).scanner.subject().orElseThrow()).hasSize(512);
            assertThat(scan("Subject: \u00c3\u00a4\r\n.\r\n", 100).scanner.subject()).contains("ä");
            assertThat(scan("Subject: \u00e4\r\n.\r\n", 100).scanner.subject()).contains("ä");
        }
    }

    @Nested
    class Normalising {

        @Test
        void bareLfBecomesCrLfAndItsDotIsStuffed() {
            LineEndNormaliser normaliser = new LineEndNormaliser();
            assertThat(mend(normaliser, "a\n.\nb\r\n..c\r\n\n.\r\n")).isEqualTo("a\r\n..\r\nb\r\n..c\r\n\r\n..\r\n");
            assertThat(normaliser.stuffedDots()).isEqualTo(3);
            assertThat(normaliser.trueSize()).isEqualTo("a\r\n.\r\nb\r\n.c\r\n\r\n.\r\n".length());
        }

        @Test
        void B_SMUG_loneDotBeforeABareLfIsStuffed() {
            assertThat(mend(new LineEndNormaliser(), ".\nMAIL\r\n")).isEqualTo("..\r\nMAIL\r\n");
            assertThat(mend(new LineEndNormaliser(), "a\r\n.\nMAIL\r\n")).isEqualTo("a\r\n..\r\nMAIL\r\n");
        }

        @Test
        void scannerBeforeItRefusesOnlyCrAndNul() {
            DataScanner scanner = DataScanner.beforeNormaliser();
            byte[] octets = octets("Subject: a\nReceived: b\n\nSubject: c\n.\nx\r\n.\r\n");
            assertThat(scanner.scan(octets, 0, octets.length)).isEqualTo(octets.length - 3);
            assertThat(scanner.refusal()).isEmpty();
            assertThat(scanner.receivedFields()).isEqualTo(1);
            assertThat(scanner.subject()).contains("a");
        }

        @Test
        void whatLeavesNeverHoldsAnEndOfData() {
            Random random = new Random(11);
            for (int round = 0; round < 20_000; round++) {
                byte[] content = contentOf(random);
                LineEndNormaliser whole = new LineEndNormaliser();
                LineEndNormaliser pieces = new LineEndNormaliser();
                byte[] mended = whole.mend(content, 0, content.length);
                int cut = random.nextInt(content.length + 1);
                ByteArrayOutputStream joined = new ByteArrayOutputStream();
                joined.writeBytes(pieces.mend(content, 0, cut));
                joined.writeBytes(pieces.mend(content, cut, content.length));
                assertThat(joined.toByteArray()).isEqualTo(mended);
                DataScanner behind = new DataScanner();
                byte[] wire = octets(text(mended) + ".\r\n");
                assertThat(behind.scan(wire, 0, wire.length)).isEqualTo(mended.length);
                assertThat(behind.refusal()).isEmpty();
                assertThat(behind.trueSize()).isEqualTo(whole.trueSize());
                assertThat(behind.stuffedDots()).isEqualTo(whole.stuffedDots());
                assertThat(("\r\n" + text(mended)).indexOf("\r\n.\r\n")).isEqualTo(-1);
                assertThat(text(mended).replace("\r\n", "")).doesNotContain("\n");
            }
        }

        private static String mend(LineEndNormaliser normaliser, String text) {
            return text(normaliser.mend(octets(text), 0, text.length()));
        }
    }

    @Test
    void agreesWithASearchForTheTerminatorOverAnySegments() {
        Random random = new Random(7);
        for (int round = 0; round < 50_000; round++) {
            String text = randomText(random, 24);
            int end = ("\r\n" + text).indexOf("\r\n.\r\n");
            Scan scan = scan(text, 1 + random.nextInt(9));
            assertThat(scan.scanner.ended()).as(Escape.text(text, 100)).isEqualTo(end >= 0);
            if (end >= 0) {
                assertThat(scan.content).isEqualTo(text.substring(0, end));
                String bare = text.substring(0, end).replace("\r\n", "");
                assertThat(scan.scanner.bareCr()).isEqualTo(bare(text.substring(0, end), '\r'));
                assertThat(scan.scanner.bareLf()).isEqualTo(bare(text.substring(0, end), '\n'));
                assertThat(scan.scanner.nul()).isEqualTo(bare.indexOf(0) >= 0);
            }
        }
    }

    private static boolean bare(String text, char octet) {
        for (int i = 0; i < text.length(); i++) {
            boolean paired = octet == '\r' ? i + 1 < text.length() && text.charAt(i + 1) == '\n' : i > 0 && text.charAt(i - 1) == '\r';
            if (text.charAt(i) == octet && !paired) {
                return true;
            }
        }
        return false;
    }

    private static byte[] contentOf(Random random) {
        while (true) {
            String text = randomText(random, 16).replace("\0", "") + "\r\n";
            if (!("\r\n" + text).contains("\r\n.\r\n") && !bare(text, '\r')) {
                return octets(text);
            }
        }
    }

    private static String randomText(Random random, int most) {
        StringBuilder text = new StringBuilder();
        String alphabet = "\r\n\r\n..a\0\u0081";
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append(random.nextInt(3) == 0 ? "\r\n" : alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private interface Check {
        void on(Scan scan);
    }

    /// The message with its terminator and a pipelined command behind it, cut in two at every octet, and octet by octet.
    private static void everySplit(String content, Check check) {
        String end = content.isEmpty() || content.endsWith("\r\n") ? "" : "\r\n";
        String wire = content + end + ".\r\n" + BEHIND;
        for (int cut = 1; cut <= wire.length(); cut++) {
            Scan scan = scanCut(wire, cut);
            assertThat(scan.scanner.ended()).isTrue();
            check.on(scan.without(end));
        }
        check.on(scan(wire, 1).without(end));
    }

    private record Scan(DataScanner scanner, String content, String rest) {
        Scan without(String end) {
            return new Scan(scanner, content.substring(0, content.length() - end.length()), rest);
        }
    }

    private static Scan scanCut(String wire, int cut) {
        DataScanner scanner = new DataScanner();
        byte[] octets = octets(wire);
        int end = scanner.scan(octets, 0, cut);
        assertThat(scanner.ended() || cut - end <= 2).isTrue();
        if (!scanner.ended()) {
            end = scanner.scan(octets, end, octets.length);
        }
        return new Scan(scanner, wire.substring(0, end), wire.substring(end));
    }

    private static Scan scan(String wire, int segment) {
        DataScanner scanner = new DataScanner();
        byte[] octets = octets(wire);
        int end = 0;
        for (int arrived = 0; arrived < octets.length && !scanner.ended(); ) {
            arrived = Math.min(octets.length, arrived + segment);
            end = scanner.scan(Arrays.copyOf(octets, arrived), end, arrived);
        }
        return new Scan(scanner, wire.substring(0, end), wire.substring(end));
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
