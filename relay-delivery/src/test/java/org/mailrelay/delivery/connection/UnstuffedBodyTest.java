package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mailrelay.delivery.conversation.WireBody;

class UnstuffedBodyTest {

    private static WireBody pieces(String content, int size) {
        Queue<ByteBuffer> pieces = new ArrayDeque<>();
        for (int i = 0; i < content.length(); i += size) {
            pieces.add(ByteBuffer.wrap(content.substring(i, Math.min(content.length(), i + size)).getBytes(StandardCharsets.ISO_8859_1)));
        }
        return new WireBody() {
            @Override
            public boolean inMemory() {
                return true;
            }

            @Override
            public long length() {
                return content.length();
            }

            @Override
            public @Nullable ByteBuffer next(int most) {
                return pieces.poll();
            }

            @Override
            public WireBody again() {
                return this;
            }

            @Override
            public void close() {
            }
        };
    }

    @Test
    void onlyStuffedDotsComeOutWhereverThePiecesAreCut() throws IOException {
        String stuffed = "..a\r\n...\r\nb.\n.c\r.d\r\n\r\n..";
        String binary = ".a\r\n..\r\nb.\n.c\r.d\r\n\r\n.";
        for (int size = 1; size <= stuffed.length(); size++) {
            WireBody body = new UnstuffedBody(pieces(stuffed, size), 3);
            assertThat(body.length()).isEqualTo(binary.length());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (ByteBuffer piece = body.next(7); piece != null; piece = body.next(7)) {
                assertThat(piece.hasRemaining()).isTrue();
                out.write(piece.array(), piece.position(), piece.remaining());
            }
            assertThat(out.toString(StandardCharsets.ISO_8859_1)).as("pieces of %d", size).isEqualTo(binary);
        }
    }
}
