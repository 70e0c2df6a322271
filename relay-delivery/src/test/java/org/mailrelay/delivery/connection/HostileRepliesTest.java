package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.delivery.conversation.RecipientResult;

/// Octets of every kind, in pieces of every size: whatever a host says, each message has one result, the connection ends once,
/// and nothing crosses in the clear that was promised encryption.
@Timeout(60)
class HostileRepliesTest {

    private static final String FRIENDLY = "250 ok\r\n250 ok\r\n354 go\r\n";
    private static final String[] WORDS = {"220 mx\r\n", "250 ok\r\n", "250-mx\r\n", "250-STARTTLS\r\n", "250 STARTTLS\r\n", "250-PIPELINING\r\n", "250 8BITMIME\r\n", "354 go\r\n",
        "421 bye\r\n", "450 later\r\n", "550 no\r\n", "503 what\r\n", "334 more\r\n", "220 go\r\n", "250", "-", " ", "\r", "\n", "\r\n", "\0", "\u00ff\u00fe", "999 x\r\n",
        "250-" + "x".repeat(3000) + "\r\n", "250-a\r\n251 b\r\n", "\u0016\u0003\u0001\u0000\u0005hello", "\u0015\u0003\u0003\u0000\u0002\u0002\u0028"};

    @ParameterizedTest
    @EnumSource(value = TlsLevel.class, names = {"NONE", "PREFERRED", "REQUIRED"})
    void whateverAHostSays(TlsLevel level) {
        int delivered = 0;
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            RecordingSource source = new RecordingSource(3);
            WiredConnection wire = new WiredConnection(level, random.nextBoolean(), 2, source);
            if (random.nextInt(3) > 0) {
                wire.opened();
            }
            for (int i = random.nextInt(4); i > 0; i--) {
                wire.hears(FRIENDLY);   // to get as far as the content, and behind it
            }
            StringBuilder all = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                all.append(random.nextInt(4) == 0 ? octet(random) : WORDS[random.nextInt(WORDS.length)]);
            }
            for (int at = 0; at < all.length(); ) {
                int end = Math.min(all.length(), at + 1 + random.nextInt(random.nextBoolean() ? 3 : 400));
                wire.hears(all.substring(at, end));
                at = end;
            }
            String said = String.join("", wire.said());
            wire.end();
            assertThat(source.closings).as("seed %d", seed).isEqualTo(1);
            assertThat(source.results).as("seed %d", seed).hasSize(source.given);
            assertThat(source.failure.isDone()).as("seed %d: failed or ready, never both, and one of them", seed).isNotEqualTo(source.readies == 1);
            if (level == TlsLevel.REQUIRED) {
                assertThat(said).as("seed %d", seed).doesNotContain("MAIL FROM");
            }
            delivered += (int) source.results.stream().filter(r -> r.recipients().getFirst() instanceof RecipientResult.Delivered).count();
        }
        assertThat(delivered > 0).as("some sequences lead to a delivery").isEqualTo(level != TlsLevel.REQUIRED);
    }

    private static String octet(Random random) {
        return Character.toString((char) random.nextInt(256));
    }

    /// R-RPL-8: one deadline a reply, however its octets come.
    @Test
    void R_RPL_7_aReplyWithoutEndIsCutOff() {
        RecordingSource source = new RecordingSource(1);
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 50, source).hears("220 mx\r\n");
        for (int i = 0; i < 200 && wire.channel.isOpen(); i++) {
            wire.hears("250-X-LINE " + "y".repeat(200) + "\r\n");
        }
        assertThat(source.failure).isCompleted();
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }
}
