package org.mailrelay.core.mime;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.BodyPart;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What Jakarta Mail reads out of a converted message is what it read out of the original.
class SevenBitTest {

    static final String UMLAUTS = octets("Grüße aus Köln\r\n");

    static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String octets) {
        return octets.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// With the dots of the wire.
    static String stuffed(String message) {
        return (message.startsWith(".") ? "." : "") + message.replace("\r\n.", "\r\n..");
    }

    private static SevenBitPlan plan(String message, int piece) {
        SevenBitPlan.Search search = new SevenBitPlan.Search();
        pieces(stuffed(message), piece).forEach(search::read);
        return search.end();
    }

    static List<ByteBuffer> pieces(String wire, int piece) {
        List<ByteBuffer> all = new ArrayList<>();
        for (int from = 0; from < wire.length(); from += piece) {
            all.add(ByteBuffer.wrap(bytes(wire.substring(from, Math.min(wire.length(), from + piece)))));
        }
        return all;
    }

    private static String converted(String message, int piece) {
        SevenBitPlan plan = plan(message, piece);
        assertThat(plan.hindrance()).isEmpty();
        SevenBit conversion = new SevenBit(plan);
        StringBuilder wire = new StringBuilder();
        pieces(stuffed(message), piece).forEach(octets -> wire.append(new String(conversion.convert(octets), StandardCharsets.ISO_8859_1)));
        wire.append(new String(conversion.end(), StandardCharsets.ISO_8859_1));
        assertThat(conversion.written()).isEqualTo(wire.length());
        String plain = (wire.toString().startsWith(".") ? wire.substring(1) : wire.toString()).replace("\r\n.", "\r\n");
        assertThat(conversion.stuffedDots()).isEqualTo(wire.length() - plain.length());
        assertThat(stuffed(plain)).as("every dot at the beginning of a line has its companion").isEqualTo(wire.toString());
        return plain;
    }

    private static String converted(String message) {
        String whole = converted(message, message.length() + 1);
        for (int piece : new int[] {1, 2, 3, 7, 64}) {
            assertThat(converted(message, piece)).as("in pieces of %d", piece).isEqualTo(whole);
        }
        assertThat(whole.chars().allMatch(c -> c < 0x80)).as("7 bits").isTrue();
        return whole;
    }

    private static String hindrance(String message) {
        return plan(message, 5).hindrance().orElse("");
    }

    @Nested
    class OnePart {

        @Test
        void textBecomesQuotedPrintableAndItsFieldSaysSo() {
            assertThat(converted("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nSubject: x\r\n\r\n" + UMLAUTS + ".dot \r\n-- \r\na=b\r\n"))
                    .isEqualTo("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nSubject: x\r\n\r\n"
                            + "Gr=C3=BC=C3=9Fe aus K=C3=B6ln\r\n.dot=20\r\n--=20\r\na=3Db\r\n");
        }

        @Test
        void withoutMimeFieldsItGetsThemAndTheCharsetIfItIsUtf8() {
            assertThat(converted("Subject: x\r\n\r\n" + UMLAUTS)).startsWith("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
            assertThat(converted("Subject: x\r\n\r\nK\u00f6ln is a town on the Rhine\r\n")).contains("charset=unknown-8bit");
            assertThat(converted("Subject: x\r\n\r\nKln is a town on the Rhine \u00c3\r\n\u00b6\r\n")).as("a line end inside of a character").contains("charset=unknown-8bit");
        }

        @Test
        void whatIsMostlyNotAsciiBecomesBase64() {
            String cyrillic = octets("\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440\r\n");
            assertThat(converted("Content-Type: text/plain; charset=utf-8\r\n\r\n" + cyrillic)).contains("Content-Transfer-Encoding: base64\r\n\r\n0J/RgNC40LLQtdGCLCDQvNC40YANCg==\r\n");
        }

        @Test
        void whatIsNoTextBecomesBase64WithItsLineEnds() {
            assertThat(converted("MIME-Version: 1.0\r\nContent-Type: application/x-odd\r\n\r\na\u00ff\r\n\r\nb\r\n")).endsWith("Content-Transfer-Encoding: base64\r\n\r\nYf8NCg0KYg0K\r\n");
        }

        /// R-TXN-7.
        @Test
        void linesThatAreTooLongAreBrokenSoftly() {
            String converted = converted("Subject: x\r\n\r\n" + "\u00fc.-".repeat(400) + "\r\n");
            assertThat(converted.lines()).allMatch(line -> line.length() <= 76);
            assertThat(converted.substring(converted.indexOf("\r\n\r\n") + 4).lines()).as("no soft line looks like a boundary").noneMatch(line -> line.startsWith("-") || line.startsWith("."));
        }

        @Test
        void aHeaderThatEndsWithoutAnEmptyLineGetsOne() {
            assertThat(converted("Subject: x\r\nno field " + UMLAUTS)).contains("quoted-printable\r\n\r\nno field Gr");
        }
    }

    @Nested
    class Parts {

        private static final String HEAD = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"a b\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";

        @Test
        void onlyThosePartsAreEncodedThatNeedIt() {
            assertThat(converted(HEAD + "preamble\r\n--a b\r\n\r\nplain\r\n--a b \t\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + UMLAUTS + "--a b--\r\nepilogue\r\n"))
                    .isEqualTo(HEAD.replace("8bit", "7bit") + "preamble\r\n--a b\r\n\r\nplain\r\n--a b \t\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                            + "Gr=C3=BC=C3=9Fe aus K=C3=B6ln\r\n--a b--\r\nepilogue\r\n");
        }

        @Test
        void theLineEndBeforeABoundaryIsNotThePartsOwn() {
            String part = "Content-Type: application/x-odd\r\n\r\n\u00ff";
            assertThat(converted(HEAD + "--a b\r\n" + part + "\r\n--a b--\r\n")).contains("\r\n\r\n/w==\r\n--a b--");
            assertThat(converted(HEAD + "--a b\r\n" + part + "\r\n\r\n--a b--\r\n")).contains("\r\n\r\n/w0K\r\n--a b--");
        }

        @Test
        void anAttachedMessageIsLookedInto() {
            assertThat(converted(HEAD + "--a b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: inner\r\n\r\n" + UMLAUTS + "--a b--\r\n"))
                    .contains("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nSubject: inner\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                            + "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3");
        }

        @Test
        void partsOfADigestAreMessages() {
            assertThat(converted(HEAD.replace("mixed", "digest") + "--a b\r\n\r\nSubject: inner\r\n\r\n" + UMLAUTS + "--a b--\r\n")).contains("--a b\r\n\r\nSubject: inner\r\nMIME-Version: 1.0\r\n");
        }

        @Test
        void aPartEndsAtTheBoundaryOfAMultipartAroundIt() {
            String inner = "Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\n";
            String message = HEAD + "--a b\r\n" + inner + UMLAUTS + "--a b\r\n\r\nlast " + UMLAUTS + "--in\r\nstill " + UMLAUTS + "--a b--\r\n";
            assertThat(converted(message)).contains("\r\n--in\r\nstill Gr=C3");
        }

        @Test
        void whatIsSignedStaysToTheOctet() {
            String signed = "Content-Type: multipart/signed; boundary=s; micalg=sha-256\r\n\r\n--s\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nonly seven bits \r\n--s\r\n"
                    + "Content-Type: application/pgp-signature\r\n\r\nabc\r\n--s--\r\n";
            assertThat(converted(HEAD + "--a b\r\n" + signed + "--a b\r\n\r\n" + UMLAUTS + "--a b--\r\n")).contains("--a b\r\n" + signed + "--a b\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Subject: Köln;;ü|8-bit octets in a header",
        "DKIM-Signature: v=1;;ü|signed with DKIM",
        "ARC-Message-Signature: i=1;;ü|signed with DKIM",
        "Content-Type: multipart/signed; boundary=s;;--s;;;;ü;;--s--|8-bit octets in a part that is signed or encrypted",
        "Content-Type: multipart/encrypted; boundary=s;;--s;;;;ü;;--s--|8-bit octets in a part that is signed or encrypted",
        "Content-Type: multipart/mixed; boundary=s;;ü;;--s;;;;x;;--s--|8-bit octets between parts",
        "Content-Type: multipart/mixed; boundary=s;;--s;;;;x;;--s--;;ü|8-bit octets between parts",
        "Content-Type: multipart/mixed; boundary=s;;--s;;Subject: ü;;;;x;;--s--|8-bit octets in a header",
        "Content-Type: multipart/mixed;;ü|8-bit octets in a part of type multipart/mixed that may not be encoded",
        "Content-Type: message/delivery-status;;ü|8-bit octets in a part of type message/delivery-status that may not be encoded",
        "Content-Type: message/rfc822;;Subject: ü;;;;x|8-bit octets in a header",
        "Content-Transfer-Encoding: base64;;ü|8-bit octets in a part that says it is encoded",
        "Content-Transfer-Encoding: x-uuencode;;ü|8-bit octets in a part that says it is encoded"})
    void R_8BIT_1_whatCannotBeConvertedHasAReason(String message, String why) {
        assertThat(hindrance(octets(message.replaceFirst(";;", "\r\n\r\n").replace(";;", "\r\n") + "\r\n"))).isEqualTo(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deep", "many", "long"})
    void whatIsMoreThanIsKeptTrackOfHasAReasonAndTakesNoMemory(String what) {
        StringBuilder message = new StringBuilder();
        switch (what) {
            case "deep" -> {
                for (int i = 0; i < 200; i++) {
                    message.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\r\n\r\n--b").append(i).append("\r\n");
                }
            }
            case "many" -> message.append("Content-Type: multipart/mixed; boundary=b\r\n\r\n").append("--b\r\n\r\n".repeat(20_000));
            default -> message.append("X: ").append("y".repeat(400_000)).append("\r\n\r\n");
        }
        SevenBitPlan.Search search = new SevenBitPlan.Search();
        search.read(ByteBuffer.wrap(bytes(message + UMLAUTS)));
        assertThat(search.end().hindrance()).isPresent();
    }

    static List<String> leaves(String message) throws Exception {
        MimeMessage parsed = new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(bytes(message)));
        List<String> all = new ArrayList<>();
        leaves(parsed, all);
        return all;
    }

    private static void leaves(Part part, List<String> all) throws Exception {
        if (part.isMimeType("multipart/*") && part.getContent() instanceof Multipart parts) {
            all.add("multipart " + parts.getCount());
            for (int i = 0; i < parts.getCount(); i++) {
                BodyPart one = parts.getBodyPart(i);
                leaves(one, all);
            }
        } else if (part.isMimeType("message/rfc822") && part.getContent() instanceof MimeMessage inner) {
            all.add("message " + inner.getSubject());
            leaves(inner, all);
        } else {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            try (var in = part instanceof MimeBodyPart body ? body.getInputStream() : ((MimeMessage) part).getInputStream()) {
                in.transferTo(octets);
            }
            all.add(part.getContentType().split(";")[0] + " " + octets.toString(StandardCharsets.ISO_8859_1));
        }
    }

    /// Random trees of parts, with lines that try to be boundaries.
    @Test
    void R_8BIT_1_anIndependentReaderFindsTheSamePartsWithTheSameOctets() throws Exception {
        Random random = new Random(20261125);
        for (int round = 0; round < 300; round++) {
            String message = "From: a@example.com\r\nMIME-Version: 1.0\r\n" + tree(random, 0, "t");
            assertThat(leaves(converted(message, 1 + random.nextInt(300)))).as(message).isEqualTo(leaves(message));
        }
    }

    private static String tree(Random random, int depth, String name) {
        int kind = depth > 3 ? 3 : random.nextInt(5);
        if (kind <= 1 || depth == 0) {
            StringBuilder out = new StringBuilder("Content-Type: multipart/mixed; boundary=\"" + name + "\"\r\n\r\n");
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                out.append("--").append(name).append("\r\n").append(tree(random, depth + 1, name + i)).append("\r\n");
            }
            return out + "--" + name + "--\r\n";
        }
        if (kind == 2) {
            return "Content-Type: message/rfc822\r\n\r\nSubject: s" + random.nextInt(9) + "\r\nMIME-Version: 1.0\r\n" + tree(random, depth + 1, name + "m");
        }
        return "Content-Type: " + (kind == 3 ? "text/plain" : "application/octet-stream") + "\r\n\r\n" + lines(random, name);
    }

    private static String lines(Random random, String name) {
        String[] pieces = {"\u00fc", "=", " ", "\t", "--" + name, "--", ".", "plain text", "--t--x", "From ", "\u00ff\u00fe", "y".repeat(70), "\r\n", "\r\n", "\r\n"};
        StringBuilder out = new StringBuilder("x");
        int count = random.nextInt(60);
        for (int i = 0; i < count; i++) {
            String piece = pieces[random.nextInt(pieces.length)];
            boolean begins = out.toString().endsWith("\r\n");
            out.append(begins && piece.startsWith("--") ? "|" : "").append(piece);
        }
        return out + "\u00fc end";
    }

    @Test
    void binaryContentThatEndsWithinItsHeaderIsNotConverted() {
        for (String content : List.of("Subject: x", "Subject: x\n", "Subject: x\r", "Subject: x\r\0\n", "\n", "A")) {
            SevenBitPlan.Search search = new SevenBitPlan.Search(SevenBitPlan.Target.EIGHT_BIT, false);
            search.read(ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1)));
            SevenBitPlan plan = search.end();
            assertThat(plan.hindrance().isPresent() || plan.ways().size() == 1).as(content).isTrue();
        }
    }
}
