package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.Exchange;

/// How the host learns where the content ends. Event loop only; one for each message.
sealed interface Framing {

    /// True while more of the content may be added.
    boolean mayAdd();

    /// All of the content will come, and is known to be good: `octets` of it.
    void promise(long octets);

    /// @throws IOException when more comes than was promised
    void add(ByteBuffer piece, Outgoing out) throws IOException;

    /// No piece follows, and all of them were good.
    ///
    /// @throws IOException when less came than was promised
    void end(Outgoing out) throws IOException;

    /// Behind DATA: the final dot (RFC 5321 §4.1.1.4).
    final class FinalDot implements Framing {

        private static final byte[] DOT = {'.', '\r', '\n'};

        @Override
        public boolean mayAdd() {
            return true;
        }

        @Override
        public void promise(long octets) {
        }

        @Override
        public void add(ByteBuffer piece, Outgoing out) {
            out.add(piece);
        }

        @Override
        public void end(Outgoing out) {
            out.add(DOT);
        }
    }

    /// A BDAT command in front of each chunk (RFC 3030 §2): one chunk for content that is known to be good, else one for each piece. A piece
    /// is held until it is known whether it is the last: LAST stands only where the checksum has held.
    final class Chunks implements Framing {

        private final Exchange exchange;
        private final Consumer<byte[]> say;
        private long promised = -1;
        private @Nullable ByteBuffer held;

        Chunks(Exchange exchange, Consumer<byte[]> say) {
            this.exchange = exchange;
            this.say = say;
        }

        @Override
        public boolean mayAdd() {
            return promised >= 0 || exchange.mayChunk();
        }

        @Override
        public void promise(long octets) {
            promised = octets;
            say.accept(exchange.chunk(octets, true));
        }

        /// What is more than was announced the host would take for commands.
        @Override
        public void add(ByteBuffer piece, Outgoing out) throws IOException {
            if (promised >= 0) {
                promised -= piece.remaining();
                if (promised < 0) {
                    throw new IOException(-promised + " octets more than announced");
                }
                out.add(piece);
                return;
            }
            if (held != null) {
                chunk(held, false, out);
            }
            held = piece;
        }

        @Override
        public void end(Outgoing out) throws IOException {
            if (promised > 0) {
                throw new IOException(promised + " octets less than announced");
            }
            if (promised < 0) {
                chunk(held == null ? ByteBuffer.allocate(0) : held, true, out);
                held = null;
            }
        }

        private void chunk(ByteBuffer octets, boolean last, Outgoing out) {
            say.accept(exchange.chunk(octets.remaining(), last));
            out.add(octets);
        }
    }
}
