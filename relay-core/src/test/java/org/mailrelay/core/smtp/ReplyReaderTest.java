package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplyReaderTest {

    @Test
    void R_RPL_3_codeAloneIsAReply() {
        assertThat(complete("250\r\n")).isEqualTo(Reply.of(250, ""));
        assertThat(complete("250 \r\n")).isEqualTo(Reply.of(250, ""));
    }

    @Test
    void R_RPL_5_replyEndsAtTheFirstLineWithoutHyphen() {
        ByteBuffer in = octets("250-a\r\n250-\r\n250 b\r\n421 bye\r\n");
        ReplyReader reader = new ReplyReader(false);
        assertThat(reader.read(in)).isEqualTo(new ReplyResult.Complete(Reply.of(250, "a", "", "b")));
        assertThat(in.hasRemaining()).isTrue();
        assertThat(reader.read(in)).isEqualTo(new ReplyResult.Complete(Reply.of(421, "bye")));
        assertThat(in.hasRemaining()).isFalse();
        assertThat(reader.midReply()).isFalse();
    }

    @Test
    void R_RPL_1_bareLfEndsALineAndIsNoted() {
        assertThat(complete("250-a\r\n250 b\n")).isEqualTo(new Reply(250, List.of("a", "b"), 2));
        assertThat(error("250 b\n", true)).isEqualTo(ProtocolError.BARE_LF);
    }

    @Test
    void R_RPL_1_bareCrIsAProtocolError() {
        assertThat(error("250 a\rb\r\n", false)).isEqualTo(ProtocolError.BARE_CR);
        assertThat(error("250 a\r\r\n", false)).isEqualTo(ProtocolError.BARE_CR);
    }

    @Test
    void R_RPL_2_lineShape() {
        for (String line : List.of("250STARTTLS", "250+X", "25 ", "25", "2500 x", "", "150 x", "650 x", "000 x", "\u0662\u0665\u0660 x", "abc", " 250 x", "250\tx", "-250 x", "+25 x")) {
            assertThat(error(line + "\r\n", false)).as(line).isEqualTo(ProtocolError.BAD_LINE);
        }
        assertThat(complete("571 no\r\n").code()).isEqualTo(571);
        assertThat(complete("599 no\r\n").code()).isEqualTo(599);
    }

    @Test
    void R_RPL_4_codesOfOneReplyMustBeTheSame() {
        assertThat(error("250-a\r\n251 b\r\n", false)).isEqualTo(ProtocolError.MIXED_CODES);
        assertThat(error("550-a\r\n250 b\r\n", false)).isEqualTo(ProtocolError.MIXED_CODES);
    }

    @Test
    void R_RPL_7_limits() {
        assertThat(complete("250 " + "x".repeat(2042) + "\r\n").lines().getFirst()).hasSize(2042);
        assertThat(error("250 " + "x".repeat(2043) + "\r\n", false)).isEqualTo(ProtocolError.LINE_TOO_LONG);
        assertThat(complete("250-a\r\n".repeat(127) + "250 b\r\n").lines()).hasSize(128);
        assertThat(error("250-a\r\n".repeat(128) + "250 b\r\n", false)).isEqualTo(ProtocolError.TOO_MANY_LINES);
        String kibibyte = "250-" + "x".repeat(1018) + "\r\n";
        assertThat(complete(kibibyte.repeat(31) + kibibyte.replace('-', ' ')).lines()).hasSize(32);
        assertThat(error(kibibyte.repeat(32) + "250 b\r\n", false)).isEqualTo(ProtocolError.REPLY_TOO_LONG);
    }

    @Test
    void R_RPL_9_nulIsAProtocolError() {
        assertThat(error("250 a\0b\r\n", false)).isEqualTo(ProtocolError.NUL);
    }

    @Test
    void staysBroken() {
        ReplyReader reader = new ReplyReader(false);
        ReplyResult first = reader.read(octets("nonsense\r\n"));
        assertThat(reader.read(octets("250 ok\r\n"))).isEqualTo(first);
    }

    @Test
    void R_RPL_12_textIsOneEscapedLine() {
        assertThat(complete("550-a\u001b[2J\r\n550 b\r\n").text()).isEqualTo("a\\x1b[2J\\nb");
        assertThat(complete("550-" + "x".repeat(900) + "\r\n550 " + "y".repeat(900) + "\r\n").text()).hasSize(1024);
    }

    @Test
    void R_RPL_13_resultDoesNotDependOnSegments() {
        String alphabet = "2225550--  \r\n\r\n\n\0\t\u00e9aSTARTTLS.";
        Random random = new Random(20260117);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int line = random.nextInt(4); line >= 0; line--) {
                text.append(random.nextInt(4) == 0 ? "" : random.nextInt(3) == 0 ? "250 " : "250-");
                for (int i = random.nextInt(6); i > 0; i--) {
                    text.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                text.append(random.nextInt(5) == 0 ? "" : "\r\n");
            }
            byte[] octets = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            boolean strict = random.nextBoolean();
            List<ReplyResult> whole = readAll(octets, octets.length + 1, strict);
            assertThat(readAll(octets, 1, strict)).as(Escape.text(text, 200)).isEqualTo(whole);
            assertThat(readAll(octets, 1 + random.nextInt(7), strict)).isEqualTo(whole);
            for (ReplyResult result : whole) {
                if (result instanceof ReplyResult.Complete(Reply reply) && reply.positive()) {
                    EhloReply.parse(reply, EhloReading.STRICT);
                    EhloReply.parse(reply, EhloReading.TOLERANT);
                }
            }
        }
    }

    private static List<ReplyResult> readAll(byte[] octets, int segment, boolean strict) {
        ReplyReader reader = new ReplyReader(strict);
        List<ReplyResult> results = new java.util.ArrayList<>();
        for (int from = 0; from < octets.length; from += segment) {
            ByteBuffer in = ByteBuffer.wrap(octets, from, Math.min(segment, octets.length - from));
            while (in.hasRemaining()) {
                ReplyResult result = reader.read(in);
                if (!(result instanceof ReplyResult.NeedMore)) {
                    results.add(result);
                }
                if (result instanceof ReplyResult.Broken) {
                    return results;
                }
            }
        }
        return results;
    }

    private static Reply complete(String text) {
        ReplyResult result = new ReplyReader(false).read(octets(text));
        assertThat(result).isInstanceOf(ReplyResult.Complete.class);
        return ((ReplyResult.Complete) result).reply();
    }

    private static ProtocolError error(String text, boolean strict) {
        ReplyResult result = new ReplyReader(strict).read(octets(text));
        assertThat(result).as(Escape.text(text, 100)).isInstanceOf(ReplyResult.Broken.class);
        return ((ReplyResult.Broken) result).error();
    }

    private static ByteBuffer octets(String text) {
        return ByteBuffer.wrap(text.getBytes(text.chars().anyMatch(c -> c > 255) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
    }
}
