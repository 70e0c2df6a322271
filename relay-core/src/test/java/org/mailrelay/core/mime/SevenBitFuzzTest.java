package org.mailrelay.core.mime;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.mailrelay.core.smtp.DotStuffer;

/// Messages with 8-bit octets on their way to a host that takes none (a target for a fuzzer). The first octet of an input says how the rest is cut.
class SevenBitFuzzTest {

    /// What is converted is seven-bit where it is to be, has short lines with no other end than CRLF, is counted right, is the same however it was cut, holds no end of data, and needs no
    /// second conversion; a message of one part says what it said.
    @FuzzTest(maxDuration = "1m")
    void conversion(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int piece = 1 + (input[0] & 31);
        SevenBitPlan.Target target = (input[0] & 32) == 0 ? SevenBitPlan.Target.SEVEN_BIT : SevenBitPlan.Target.EIGHT_BIT;
        boolean stuffed = (input[0] & 64) == 0;
        byte[] octets = Arrays.copyOfRange(input, 1, input.length);
        byte[] content = stuffed ? wire(octets) : octets;
        SevenBitPlan plan = plan(target, stuffed, content, content.length + 1);
        assertThat(plan(target, stuffed, content, piece)).isEqualTo(plan);
        if (plan.hindrance().isPresent()) {
            assertThat(plan.hindrance().get()).matches("[ -~]*");
            return;
        }
        SevenBit converter = new SevenBit(plan);
        byte[] converted = convert(converter, content, content.length + 1);
        assertThat(convert(new SevenBit(plan), content, piece)).isEqualTo(converted);
        String text = new String(converted, StandardCharsets.ISO_8859_1);
        assertThat(text.chars()).allMatch(c -> c != 0 && (c < 0x80 || target == SevenBitPlan.Target.EIGHT_BIT));
        assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
        assertThat("\r\n" + text).doesNotContain("\r\n.\r\n");
        assertThat(unstuffed(text).split("\r\n", -1)).allMatch(line -> line.length() <= SevenBitPlan.LONGEST_LINE);
        assertThat(converter.written()).isEqualTo(converted.length);
        assertThat(converter.stuffedDots()).isEqualTo(("\r\n" + text).split("\r\n\\.", -1).length - 1);
        SevenBitPlan second = plan(target, true, converted, converted.length + 1);
        assertThat(second.hindrance()).isEmpty();
        assertThat(second.ways()).allMatch(way -> way == SevenBitPlan.Way.KEEP);
        String said = new String(content, StandardCharsets.ISO_8859_1);
        if (plan.ways().size() == 1 && (plan.ways().getFirst() == SevenBitPlan.Way.QUOTED_PRINTABLE || plan.ways().getFirst() == SevenBitPlan.Way.BASE64)) {
            assertThat(body(text, plan.ways().getFirst())).isEqualTo(bodyOf(stuffed ? unstuffed(said) : said, text));
        }
    }

    private static byte[] wire(byte[] octets) {
        DotStuffer stuffer = new DotStuffer();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ByteBuffer each : new ByteBuffer[] {stuffer.stuff(octets, 0, octets.length), stuffer.lineEnd()}) {
            out.write(each.array(), each.arrayOffset() + each.position(), each.remaining());
        }
        return out.toByteArray();
    }

    private static SevenBitPlan plan(SevenBitPlan.Target target, boolean stuffed, byte[] wire, int piece) {
        SevenBitPlan.Search search = new SevenBitPlan.Search(target, stuffed);
        for (int at = 0; at < wire.length; at += piece) {
            search.read(ByteBuffer.wrap(wire, at, Math.min(piece, wire.length - at)));
        }
        return search.end();
    }

    private static byte[] convert(SevenBit converter, byte[] wire, int piece) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < wire.length; at += piece) {
            out.writeBytes(converter.convert(ByteBuffer.wrap(wire, at, Math.min(piece, wire.length - at))));
        }
        out.writeBytes(converter.end());
        return out.toByteArray();
    }

    private static String unstuffed(String wire) {
        return ("\r\n" + wire).replaceAll("(?<=\r\n)\\.", "").substring(2);
    }

    /// Decoded, with a decoder that is not ours where there is one.
    private static String body(String converted, SevenBitPlan.Way way) {
        String content = unstuffed(converted);
        String encoded = content.startsWith("\r\n") ? content.substring(2) : content.substring(content.indexOf("\r\n\r\n") + 4);
        if (way == SevenBitPlan.Way.BASE64) {
            return new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.ISO_8859_1);
        }
        assertThat(encoded.lines()).allMatch(line -> line.length() <= 76);
        StringBuilder out = new StringBuilder();
        String joined = encoded.replace("=\r\n", "");
        for (int i = 0; i < joined.length(); i++) {
            if (joined.charAt(i) == '=') {
                out.append((char) Integer.parseInt(joined.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.append(joined.charAt(i));
            }
        }
        return out.toString();
    }

    /// What stands behind the header of the original: as much of its end as was encoded.
    private static String bodyOf(String content, String converted) {
        String rest = content;
        while (!rest.isEmpty()) {
            int end = rest.indexOf("\r\n");
            String line = end < 0 ? rest : rest.substring(0, end);
            if (line.isEmpty()) {
                return rest.substring(2);
            }
            boolean continuation = line.charAt(0) == ' ' || line.charAt(0) == '\t';
            boolean first = rest.length() == content.length();
            String name = line.substring(0, Math.min(line.length(), 1_024));   // no field's is longer
            if (continuation ? first : !name.matches("(?s)[\\t\\x20-\\x39\\x3b-\\xff]+:.*")) {
                return rest;
            }
            rest = end < 0 ? "" : rest.substring(end + 2);
        }
        return "";
    }
}
