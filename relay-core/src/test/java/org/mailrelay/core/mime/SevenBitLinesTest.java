package org.mailrelay.core.mime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.core.mime.SevenBitTest.UMLAUTS;
import static org.mailrelay.core.mime.SevenBitTest.bytes;
import static org.mailrelay.core.mime.SevenBitTest.leaves;
import static org.mailrelay.core.mime.SevenBitTest.pieces;
import static org.mailrelay.core.mime.SevenBitTest.stuffed;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Lines that are too long, and binary content: what Jakarta Mail reads out of a converted message is what it read out of the original.
class SevenBitLinesTest {

    @Nested
    class LongLines {

        private static String shortened(String message, int piece) {
            SevenBitPlan.Search search = new SevenBitPlan.Search(SevenBitPlan.Target.EIGHT_BIT, true);
            pieces(stuffed(message), piece).forEach(search::read);
            SevenBit conversion = new SevenBit(search.end());
            StringBuilder wire = new StringBuilder();
            pieces(stuffed(message), piece).forEach(octets -> wire.append(new String(conversion.convert(octets), StandardCharsets.ISO_8859_1)));
            wire.append(new String(conversion.end(), StandardCharsets.ISO_8859_1));
            assertThat(conversion.eightBit()).isEqualTo(wire.chars().anyMatch(c -> c > 0x7f));
            return wire.toString().replace("\r\n.", "\r\n");
        }

        private static String shortened(String message) {
            String whole = shortened(message, message.length() + 1);
            for (int piece : new int[] {1, 7, 1_000}) {
                assertThat(shortened(message, piece)).isEqualTo(whole);
            }
            assertThat(whole.lines()).allMatch(line -> line.length() <= SevenBitPlan.LONGEST_LINE);
            return whole;
        }

        @Test
        void R_TXN_7_aPartWithOneIsEncodedAndAnEightBitPartBesideItStays() throws Exception {
            String message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + UMLAUTS
                    + "\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>" + "x".repeat(2_000) + "</p>\r\n--b\r\nContent-Type: application/x-odd\r\n\r\n" + "y".repeat(999) + "\r\n--b--\r\n";
            assertThat(shortened(message)).contains("Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + UMLAUTS + "\r\n--b\r\nContent-Type: text/html\r\n"
                    + "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>xx", "Content-Type: application/x-odd\r\nContent-Transfer-Encoding: base64\r\n\r\neXl5");
            assertThat(leaves(shortened(message))).isEqualTo(leaves(message));
        }

        @Test
        void withoutMimeFieldsItGetsThem() {
            assertThat(shortened("Subject: x\r\n\r\n" + "x".repeat(1_000) + "\r\n"))
                    .startsWith("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nxxx");
        }

        @Test
        void base64InOneLineIsBrokenIntoLinesAndStaysBase64() throws Exception {
            String message = "MIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + "QUJD".repeat(1_000) + "\r\n";
            assertThat(shortened(message)).startsWith("MIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: BASE64\r\n\r\nQUJD");
            assertThat(leaves(shortened(message))).isEqualTo(leaves(message));
        }

        @Test
        void aHeaderLineIsFoldedAtBlanksAndWhereThereIsNoneItStays() {
            String words = "Subject: " + "word ".repeat(500) + "end\r\n";
            String folded = shortened(words + "To: a@example.com\r\n\r\nx\r\n");
            assertThat(folded.replaceAll("\r\n(?=[ \t])", "")).as("unfolded").isEqualTo(words + "To: a@example.com\r\n\r\nx\r\n");
            assertThat(folded.lines().filter(line -> line.startsWith(" ")).map(String::isBlank)).containsOnly(false);
            assertThat(Folding.of("X: " + "y".repeat(2_000) + "   \r\n")).isEqualTo("X:\r\n " + "y".repeat(2_000) + "   \r\n");
            assertThat(Folding.of("X:" + "y".repeat(2_000) + "\r\n")).isEqualTo("X:" + "y".repeat(2_000) + "\r\n");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "DKIM-Signature: v=1;;L|signed with DKIM",
            "Content-Type: multipart/signed; boundary=s;;--s;;;;L;;--s--|a line that is too long in a part that is signed or encrypted",
            "Content-Type: multipart/mixed; boundary=s;;L;;--s;;;;x;;--s--|a line that is too long between parts",
            "Content-Type: message/delivery-status;;L|a line that is too long in a part of type message/delivery-status that may not be encoded",
            "Content-Transfer-Encoding: quoted-printable;;L|a line that is too long in a part that says it is encoded",
            "Content-Transfer-Encoding: base64;;-L|a line that is too long in a part that says it is encoded"})
        void whatMayNotBeChangedHasAReason(String message, String why) {
            SevenBitPlan.Search search = new SevenBitPlan.Search(SevenBitPlan.Target.EIGHT_BIT, true);
            search.read(ByteBuffer.wrap(bytes(message.replaceFirst(";;", "\r\n\r\n").replace(";;", "\r\n").replace("L", "z".repeat(5_000)) + "\r\n")));
            assertThat(search.end().hindrance()).contains(why);
        }
    }

    @Nested
    class Binary {

        private static String converted(String message, int piece) {
            SevenBitPlan.Search search = new SevenBitPlan.Search(SevenBitPlan.Target.SEVEN_BIT, false);
            pieces(message, piece).forEach(search::read);
            SevenBitPlan plan = search.end();
            assertThat(plan.hindrance()).isEmpty();
            SevenBit conversion = new SevenBit(plan);
            StringBuilder wire = new StringBuilder();
            pieces(message, piece).forEach(octets -> wire.append(new String(conversion.convert(octets), StandardCharsets.ISO_8859_1)));
            return wire.append(new String(conversion.end(), StandardCharsets.ISO_8859_1)).toString();
        }

        /// RFC 3030 §3: whoever sends on to a host that does not take it converts it, and no octet of a part may be lost.
        @Test
        void everyOctetOfEveryPartSurvivesAndNothingSpoilsTheWire() throws Exception {
            Random random = new Random(20261125);
            String[] pieces = {"\0", "\r", "\n", "\r\n", ".", "\r\n.", "\u00ff", "a", "=", " ", "x".repeat(1_000), "\n.\r"};
            for (int round = 0; round < 200; round++) {
                StringBuilder message = new StringBuilder("From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n");
                for (String type : List.of("text/plain", "application/octet-stream")) {
                    message.append("--b\r\nContent-Type: ").append(type).append("\r\nContent-Transfer-Encoding: binary\r\n\r\n.");
                    for (int i = random.nextInt(20); i > 0; i--) {
                        message.append(pieces[random.nextInt(pieces.length)]);
                    }
                    message.append("\r\n");
                }
                String wire = converted(message.append("--b--").toString(), 1 + random.nextInt(300));
                assertThat(wire.replace("\r\n", "")).doesNotContain("\r", "\n", "\0").matches("\\p{ASCII}*");
                assertThat(wire).endsWith("\r\n").doesNotContain("\r\n.\r\n");
                assertThat(wire.lines()).allMatch(line -> line.length() <= SevenBitPlan.LONGEST_LINE);
                assertThat(leaves(wire.replace("\r\n.", "\r\n"))).isEqualTo(leaves(message.toString()));
            }
        }

        @Test
        void contentWithoutALastLineEndKeepsItsOctets() throws Exception {
            String head = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n";
            assertThat(converted(head + "a\nb\u00fc", 3)).endsWith("quoted-printable\r\n\r\na=0Ab=FC=\r\n");
            assertThat(converted(head + "\0\u00fc", 3)).endsWith("base64\r\n\r\nAPw=\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"X: a\nDATA\r\n\r\nx", "X: a\rb\r\n\r\nx", "X: a\0\r\n\r\nx", "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\n.\n\r\n--b\r\n\r\nx\r\n--b--",
            "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\n\r\n--b--", "Content-Type: message/delivery-status\r\n\r\na\n.\n"})
        void B_SMUG_aBareLineEndOutsideOfAPartThatCanBeEncodedIsNeverSentOn(String message) {
            SevenBitPlan.Search search = new SevenBitPlan.Search(SevenBitPlan.Target.SEVEN_BIT, false);
            search.read(ByteBuffer.wrap(bytes(message)));
            assertThat(search.end().hindrance()).isPresent();
        }
    }
}
