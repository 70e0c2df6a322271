package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AlpnGuardTest {

    /// What a client says first that names these application protocols.
    private static byte[] hello(String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("relay.example.net", 25);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] octets = new byte[out.flip().remaining()];
        out.get(octets);
        return octets;
    }

    static Stream<Arguments> clients() {
        return Stream.of(Arguments.of(new String[] {}, true), Arguments.of(new String[] {"smtp"}, true), Arguments.of(new String[] {"h2", "smtp"}, true),
                Arguments.of(new String[] {"h2", "http/1.1"}, false), Arguments.of(new String[] {"imap"}, false), Arguments.of(new String[] {"smtps"}, false));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void R_SSTLS_8_aClientOfAnotherProtocolIsTurnedAway(String[] protocols, boolean welcome) throws Exception {
        byte[] octets = hello(protocols);
        EmbeddedChannel channel = new EmbeddedChannel(new AlpnGuard());
        channel.writeInbound(Unpooled.wrappedBuffer(octets, 0, 7));
        channel.writeInbound(Unpooled.wrappedBuffer(octets, 7, octets.length - 7));
        if (welcome) {
            assertThat(channel.pipeline().get(AlpnGuard.class)).isNull();
            ByteBuf passed = Unpooled.buffer();
            for (ByteBuf piece = channel.readInbound(); piece != null; piece = channel.readInbound()) {
                passed.writeBytes(piece);
                piece.release();
            }
            assertThat(passed).isEqualTo(Unpooled.wrappedBuffer(octets));
        } else {
            ByteBuf alert = channel.readOutbound();
            assertThat(alert).isEqualTo(Unpooled.wrappedBuffer(new byte[] {21, 3, 3, 0, 2, 2, 120}));
            assertThat(channel.isOpen()).isFalse();
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void octetsThatAreNoClientHelloBreakNothing() throws Exception {
        byte[] hello = hello("h2");
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            byte[] bent = java.util.Arrays.copyOf(hello, 5 + random.nextInt(hello.length - 4));
            for (int i = 0; i < 3; i++) {
                bent[random.nextInt(bent.length)] = (byte) random.nextInt();
            }
            AlpnGuard.welcome(Unpooled.wrappedBuffer(bent, 5, bent.length - 5));
        }
    }
}
