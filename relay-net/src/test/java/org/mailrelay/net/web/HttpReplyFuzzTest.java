package org.mailrelay.net.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/// What a web server may answer to a question for a policy (a target for a fuzzer).
class HttpReplyFuzzTest {

    private static final int MOST = 300;

    /// An answer within its limits, or a refusal in words; the same however few octets a read brings, and no more is read than may be.
    @FuzzTest(maxDuration = "1m")
    void reply(byte[] octets) {
        ByteArrayInputStream whole = new ByteArrayInputStream(octets);
        String read = read(whole);
        assertThat(read(new Dripping(octets))).isEqualTo(read);
        if (read.startsWith("200 ")) {
            assertThat(octets.length - whole.available()).isLessThanOrEqualTo(2 * (16 << 10) + MOST + 2);
        }
    }

    private static String read(InputStream in) {
        try {
            HttpReply reply = HttpReply.read(in, MOST);
            assertThat(reply.status()).isBetween(100, 599);
            assertThat(reply.body().length).isLessThanOrEqualTo(MOST);
            assertThat(reply.fields().keySet()).noneMatch(name -> name.isEmpty() || name.chars().anyMatch(c -> c >= 'A' && c <= 'Z'));
            return reply.status() + " " + reply.fields() + new String(reply.body(), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (HttpReply.Refused refused) {
            return "refused: " + refused.getMessage();
        } catch (IOException other) {
            throw new AssertionError(other);
        }
    }

    /// One octet a read.
    private static final class Dripping extends ByteArrayInputStream {
        Dripping(byte[] octets) {
            super(octets);
        }

        @Override
        public synchronized int read(byte[] into, int from, int count) {
            return super.read(into, from, Math.min(1, count));
        }
    }
}
