package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.WireBody;

/// A body whose stuffed dots are taken out again (RFC 5321 §4.5.2), for BDAT. It may hold anything: only a dot at the beginning of a line was stuffed, and
/// only CRLF ends a line.
final class UnstuffedBody implements WireBody {

    private final WireBody stuffed;
    private final long dots;
    /// How much of CRLF stands behind us; the content begins a line.
    private int matched = 2;

    UnstuffedBody(WireBody stuffed, long dots) {
        this.stuffed = stuffed;
        this.dots = dots;
    }

    @Override
    public boolean inMemory() {
        return stuffed.inMemory();
    }

    @Override
    public long length() {
        return stuffed.length() - dots;
    }

    @Override
    public @Nullable ByteBuffer next(int most) throws IOException {
        while (true) {
            ByteBuffer piece = stuffed.next(most);
            if (piece == null) {
                return null;
            }
            ByteBuffer out = ByteBuffer.allocate(piece.remaining());
            while (piece.hasRemaining()) {
                byte octet = piece.get();
                boolean wasStuffed = matched == 2 && octet == '.';
                matched = octet == '\r' ? 1 : octet == '\n' && matched == 1 ? 2 : 0;
                if (!wasStuffed) {
                    out.put(octet);
                }
            }
            if (out.flip().hasRemaining()) {
                return out;
            }
        }
    }

    @Override
    public WireBody again() {
        return new UnstuffedBody(stuffed.again(), dots);
    }

    @Override
    public void close() {
        stuffed.close();
    }
}
