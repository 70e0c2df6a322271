package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DotStufferTest {

    private static String stuffed(List<String> chunks) {
        DotStuffer stuffer = new DotStuffer();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String chunk : chunks) {
            byte[] octets = ("xx" + chunk + "xx").getBytes(StandardCharsets.ISO_8859_1);
            write(out, stuffer.stuff(octets, 2, octets.length - 2));
        }
        write(out, stuffer.lineEnd());
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static void write(ByteArrayOutputStream out, ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            out.write(bytes.get());
        }
    }

    @Test
    void doublesADotAtTheBeginningOfALineOnly() {
        assertThat(stuffed(List.of("a.b\r\n.c\r\n..\r\n.\r\n"))).isEqualTo("a.b\r\n..c\r\n...\r\n..\r\n");
        assertThat(stuffed(List.of("."))).isEqualTo("..\r\n");
        assertThat(stuffed(List.of("a\n.b\r.c"))).isEqualTo("a\n.b\r.c\r\n");
    }

    /// R-TXN-6.
    @Test
    void endsTheLastLine() {
        assertThat(stuffed(List.of("a"))).isEqualTo("a\r\n");
        assertThat(stuffed(List.of("a\r"))).isEqualTo("a\r\r\n");
        assertThat(stuffed(List.of("a\r\n"))).isEqualTo("a\r\n");
    }

    /// Any octets in any chunks: with the stuffing taken out they are what they were, and no end of data is among them.
    @Test
    void chunksMayBeCutAnywhere() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder whole = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                whole.append("\r\n.a\r\n.".charAt(random.nextInt(7)));
            }
            int cut = random.nextInt(whole.length() + 1);
            int again = cut + random.nextInt(whole.length() - cut + 1);
            String out = stuffed(List.of(whole.substring(0, cut), whole.substring(cut, again), whole.substring(again)));
            assertThat(out).as(Escape.text(whole.toString(), 100)).isEqualTo(stuffed(List.of(whole.toString())));
            assertThat("\r\n" + out).doesNotContain("\r\n.\r\n");
            String plain = ("\r\n" + out).replace("\r\n.", "\r\n").substring(2);
            assertThat(plain).isIn(whole.toString(), whole + "\r\n");
        }
    }
}
