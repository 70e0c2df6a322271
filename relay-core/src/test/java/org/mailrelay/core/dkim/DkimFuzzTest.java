package org.mailrelay.core.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Content as it is signed, and signatures and keys as others write them (targets for a fuzzer).
class DkimFuzzTest {

    /// Keeps what it is to hash.
    private static final class Kept implements Hash {
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

        @Override
        public void update(byte[] more, int from, int to) {
            octets.write(more, from, to - from);
        }

        @Override
        public byte[] digest() {
            return octets.toByteArray();
        }
    }

    /// Header and body are found, and brought to both forms, as the whole message has them (RFC 6376 §3.4), however it is cut. The first octet of an input says how.
    @FuzzTest(maxDuration = "1m")
    void content(byte[] input) {
        if (input.length == 0) {
            return;
        }
        boolean stuffed = (input[0] & 0x10) != 0;
        int piece = 1 + (input[0] & 15);
        byte[] wire = Arrays.copyOfRange(input, 1, input.length);
        WholeMessage whole = new WholeMessage(new String(wire, StandardCharsets.ISO_8859_1), stuffed);
        List<HeaderBlock> headers = new ArrayList<>();
        MessageWatch watch = new MessageWatch(stuffed, header -> {
            headers.add(header);
            return List.of(MessageWatch.Wanted.all(Form.SIMPLE), MessageWatch.Wanted.all(Form.RELAXED));
        }, Kept::new);
        for (int at = 0; at < wire.length; at += piece) {
            watch.octets(wire, at, Math.min(wire.length, at + piece));
        }
        List<byte[]> bodies = watch.end().orElseThrow();
        assertThat(text(bodies.get(0))).isEqualTo(whole.body(Form.SIMPLE));
        assertThat(text(bodies.get(1))).isEqualTo(whole.body(Form.RELAXED));
        for (HeaderField field : headers.getFirst().fields()) {
            assertThat(text(Form.RELAXED.field(field.octets()))).isEqualTo(relaxed(text(field.octets())));
        }
        ArcChain.of(headers.getFirst());
        headers.getFirst().named("From").forEach(field -> FromField.domain(field.value()));
    }

    /// RFC 6376 §3.4.2, by regular expressions.
    private static String relaxed(String field) {
        int colon = field.indexOf(':');
        String name = colon < 0 ? field : field.substring(0, colon);
        StringBuilder lower = new StringBuilder();
        name.replaceAll("[ \t]+\\z", "").chars().forEach(c -> lower.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        String value = colon < 0 ? "" : field.substring(colon + 1).replace("\r\n", "").replaceAll("[ \t]+", " ").replaceAll("\\A | \\z", "");
        return lower + ":" + value;
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /// A signature of others is read, or is none; without its signature it is what it was but for that.
    @FuzzTest(maxDuration = "1m")
    void signature(byte[] octets) {
        HeaderField field = HeaderField.of(WholeMessage.octets("DKIM-Signature:" + text(octets)));
        PriorSignature.parse(field).ifPresent(signature -> {
            assertThat(signature.unsigned().length).isLessThanOrEqualTo(field.octets().length);
            String value = text(signature.unsigned()).substring("DKIM-Signature:".length());
            assertThat(TagList.parse(value).orElseThrow().get("b").orElse("")).isEmpty();
            signature.algorithm();
            signature.forms();
            signature.keyName().ifPresent(name -> assertThat(name.name()).contains("._domainkey."));
            signature.octets("bh");
        });
    }

    /// A key record that is read says the same when it is published again.
    @FuzzTest(maxDuration = "1m")
    void key(byte[] octets) {
        KeyRecord.parse(text(octets)).ifPresent(key -> {
            assertThat(key.faults(List.of(text(octets)))).allMatch(fault -> fault.chars().noneMatch(Character::isISOControl));
        });
    }
}
