package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EscapeTest {

    @Test
    void B_LOG_controlsAreShownNotObeyed() {
        assertThat(Escape.text("a\r\nb\0\u001b[2J\u0007\b\t\u007f\u0085", 512)).isEqualTo("a\\r\\nb\\x00\\x1b[2J\\x07\\x08\\t\\x7f\\x85");
        assertThat(Escape.text("a\u202eb\u2028c\u200bd\ufeff\u2066", 512)).isEqualTo("a\\u{202e}b\\u{2028}c\\u{200b}d\\u{feff}\\u{2066}");
        assertThat(Escape.text("\ud800x", 512)).isEqualTo("\\u{d800}x");
        assertThat(Escape.text("\udb40\udc41", 512)).isEqualTo("\\u{e0041}");
        assertThat(Escape.text("%s ${jndi:x} ä 😀 \"q\" \\", 512)).isEqualTo("%s ${jndi:x} ä 😀 \"q\" \\");
    }

    @Test
    void quotesAndBackslashesGetABackslashBetweenQuotes() {
        assertThat(Escape.quoted("a\"b'c\\d\n", 512)).isEqualTo("a\\\"b\\'c\\\\d\\n");
    }

    @Test
    void octetsAreUtf8WhereTheyAre() {
        byte[] utf8 = "grün".getBytes(StandardCharsets.UTF_8);
        assertThat(Escape.bytes(utf8, 0, utf8.length, 512)).isEqualTo("grün");
        assertThat(Escape.octets("gr\u00fcn\r", 512)).isEqualTo("gr\\xfcn\\r");
        assertThat(Escape.octets("\u00c2\u0085\u00e2\u0080\u00ae", 512)).isEqualTo("\\x85\\u{202e}");
    }

    @Test
    void cutsAtTheLimitAndNeverInsideAnEscape() {
        assertThat(Escape.text("x".repeat(100_000), 512)).hasSize(512);
        assertThat(Escape.text("abc\u001b", 6)).isEqualTo("abc");
        assertThat(Escape.text("abc\u001b", 7)).isEqualTo("abc\\x1b");
        assertThat(Escape.text("ab😀", 3)).isEqualTo("ab");
    }

    @Test
    void neverMoreThanOneLineWhateverComes() {
        Random random = new Random(5);
        for (int round = 0; round < 50_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append((char) (random.nextBoolean() ? random.nextInt(0x100) : random.nextInt(0x10000)));
            }
            for (String shown : new String[] {Escape.text(text, 30), Escape.quoted(text, 30)}) {
                assertThat(shown.length()).isLessThanOrEqualTo(30);
                assertThat(shown.codePoints().noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT)).isTrue();
            }
        }
    }
}
