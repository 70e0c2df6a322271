package org.mailrelay.core.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.core.dkim.WholeMessage.octets;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalFormTest {

    /// RFC 6376 §3.4.5
    @Test
    void headersOfTheRfcsExampleComeOutAsItSays() {
        assertThat(text(Form.RELAXED.field(octets("A: X")))).isEqualTo("a:X");
        assertThat(text(Form.RELAXED.field(octets("B : Y\t\r\n\tZ  ")))).isEqualTo("b:Y Z");
        assertThat(text(Form.SIMPLE.field(octets("B : Y\t\r\n\tZ  ")))).isEqualTo("B : Y\t\r\n\tZ  ");
    }

    @Test
    void bodiesOfTheRfcsExampleComeOutAsItSays() {
        String body = " C \r\nD \t E\r\n\r\n\r\n";
        assertThat(canonical("A: X\r\n\r\n" + body, Form.RELAXED, false, 7)).isEqualTo(" C\r\nD E\r\n");
        assertThat(canonical("A: X\r\n\r\n" + body, Form.SIMPLE, false, 7)).isEqualTo(" C \r\nD \t E\r\n");
    }

    /// RFC 6376 §3.4.3: "the SHA256 (in base64) for an empty body"; §3.4.4 likewise.
    @Test
    void theHashesOfNoBodyAreThoseOfTheRfc() {
        assertThat(bodyHash("A: X\r\n\r\n", Form.SIMPLE)).isEqualTo("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
        assertThat(bodyHash("A: X\r\n\r\n", Form.RELAXED)).isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assertThat(bodyHash("A: X\r\n", Form.RELAXED)).isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "A: b\r\n\r\nno line end", "A: b\r\n\r\nline\r\n\r\n\r\n\r\n", "A: b\r\n\r\n \t \r\n\t\r\n", "A: b\r\n\r\n..dots\r\n...more\r\n..\r\n", "A: b\r\n\r\n.\r\n..", "\r\nonly a body\r\n",
        "A: b\r\n\r\n\r\n\r\nlate", "A: b\r\n\r\ntabs\tand  blanks \t \r\n end\t", "A: b\r\n\r\nbare \r in a line\r\nand \n too\r\n", "A: b\r\n\r\n\r", "A: b\r\n c\r\n..D: e\r\n\r\n\u00e9\u00ff\r\n",
        "", "\r\n", "\r\n\r\n", "A", "A: b\r", "A: b\r\n\r\r\n\r\n x"})
    void oddBodiesHashAsTheWholeMessageDoesHoweverTheyAreCut(String wire) {
        for (Form form : Form.values()) {
            for (boolean stuffed : new boolean[] {true, false}) {
                String expected = new WholeMessage(wire, stuffed).body(form);
                for (int size = 1; size <= wire.length() + 1; size++) {
                    assertThat(canonical(wire, form, stuffed, size)).as("%s, cut at each %d", form, size).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void anyMessageHashesAsTheWholeMessageDoesHoweverItIsCut(Form form) {
        Random random = new Random(6376);
        String[] parts = {"\r\n", "\r\n", "\r\n\r\n", " ", "\t", ".", "..", "a", "Subject: x", "\r", "\n", "\u00e9", "word and word", ":"};
        for (int i = 0; i < 4_000; i++) {
            StringBuilder wire = new StringBuilder();
            for (int k = random.nextInt(40); k > 0; k--) {
                wire.append(parts[random.nextInt(parts.length)]);
            }
            boolean stuffed = random.nextBoolean();
            String expected = new WholeMessage(wire.toString(), stuffed).body(form);
            assertThat(canonical(wire.toString(), form, stuffed, 1 + random.nextInt(9))).as("%s", wire).isEqualTo(expected);
        }
    }

    @Test
    void aBodyLongerThanAnyBufferHashesAsTheWholeMessageDoes() {
        String wire = "A: b\r\n\r\n" + "a line  of some\tlength \r\n..dotted\r\n".repeat(20_000);
        for (Form form : Form.values()) {
            assertThat(canonical(wire, form, true, 4_093)).isEqualTo(new WholeMessage(wire, true).body(form));
        }
    }

    @Test
    void aLimitCutsTheCanonicalForm() throws Exception {
        byte[] wire = octets("A: b\r\n\r\n12  34\r\n56");
        Hash hash = Hash.JDK.get();
        MessageWatch watch = new MessageWatch(true, _ -> List.of(new MessageWatch.Wanted(Form.RELAXED, 4)), () -> hash);
        watch.octets(wire, 0, wire.length);
        assertThat(watch.end().orElseThrow().getFirst()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(octets("12 3")));
    }

    @Test
    void aHeaderBeyondTheLimitIsNotKept() {
        byte[] line = octets("X-Bomb: " + "a".repeat(990) + "\r\n");
        MessageWatch watch = new MessageWatch(true, _ -> {
            throw new AssertionError("there is no header to read");
        }, Hash.JDK);
        for (int i = 0; i < 1_000; i++) {
            watch.octets(line, 0, line.length);
        }
        assertThat(watch.end()).isEmpty();
    }

    @Test
    void whatNobodyWantsIsNotHashed() {
        MessageWatch watch = new MessageWatch(true, _ -> List.of(), () -> {
            throw new AssertionError("no hash is wanted");
        });
        byte[] wire = octets("From: a@b.example\r\n\r\nbody\r\n");
        watch.octets(wire, 0, wire.length);
        assertThat(watch.end().orElseThrow()).isEmpty();
    }

    private static String bodyHash(String wire, Form form) {
        MessageWatch watch = new MessageWatch(true, _ -> List.of(MessageWatch.Wanted.all(form)), Hash.JDK);
        watch.octets(octets(wire), 0, wire.length());
        return Base64.getEncoder().encodeToString(watch.end().orElseThrow().getFirst());
    }

    /// What is hashed, itself.
    private static String canonical(String wire, Form form, boolean stuffed, int size) {
        StringBuilder out = new StringBuilder();
        Hash kept = new Hash() {
            @Override
            public void update(byte[] octets, int from, int to) {
                out.append(new String(octets, from, to - from, StandardCharsets.ISO_8859_1));
            }

            @Override
            public byte[] digest() {
                return new byte[0];
            }
        };
        MessageWatch watch = new MessageWatch(stuffed, _ -> List.of(MessageWatch.Wanted.all(form)), () -> kept);
        byte[] octets = octets(wire);
        for (int at = 0; at < octets.length; at += size) {
            watch.octets(octets, at, Math.min(octets.length, at + size));
        }
        watch.end();
        return out.toString();
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
