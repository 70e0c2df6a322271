package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// The body of a ClientHello (a target for a fuzzer).
class ClientHelloFuzzTest {

    /// Nothing throws and nothing is consumed; only a hello that names protocols, and not `smtp`, is turned away.
    @FuzzTest(maxDuration = "1m")
    void hello(byte[] octets) {
        ByteBuf hello = Unpooled.wrappedBuffer(octets);
        boolean welcome = AlpnGuard.welcome(hello);
        assertThat(hello.readableBytes()).isEqualTo(octets.length);
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        if (!welcome) {
            assertThat(text).contains("\0\u0010");
        }
        assertThat(AlpnGuard.welcome(Unpooled.wrappedBuffer(octets, 0, Math.min(octets.length, 34)))).isTrue();
    }
}
