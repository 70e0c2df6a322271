package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DotStuffingTest {

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aDotAtTheBeginningOfALineIsDoubled() {
        DotStuffing.Stuffed stuffed = DotStuffing.stuff(octets(".a\r\nb.\r\n.\r\n..c\r\n\n.d\r.e\r\n"));
        assertThat(stuffed.octets()).isEqualTo(octets("..a\r\nb.\r\n..\r\n...c\r\n\n.d\r.e\r\n"));
        assertThat(stuffed.dots()).isEqualTo(3);
    }

    @Test
    void whatIsStuffedIsTheSameUnstuffedAndEndsNoContent() {
        Random random = new Random(5321);
        for (int round = 0; round < 100_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(new String[] {".", ".", "\r\n", "a", "\n", "\r"}[random.nextInt(6)]);
            }
            byte[] content = octets(text.toString());
            DotStuffing.Stuffed stuffed = DotStuffing.stuff(content);
            assertThat(DotStuffing.unstuff(stuffed.octets())).isEqualTo(content);
            assertThat(stuffed.octets()).hasSize(content.length + stuffed.dots());
            assertThat("\r\n" + new String(stuffed.octets(), StandardCharsets.ISO_8859_1)).doesNotContain("\r\n.\r\n");
        }
    }
}
