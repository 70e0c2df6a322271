package org.mailrelay.observe.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// One block of a file: a header that says what it reaches, then its lines, deflated (RFC 1951).
///
/// The header is `MRL1`, the octets of the lines, the octets they take deflated, eight numbers of the reach, a CRC-32C of all that and of
/// what follows. Big-endian.
final class Block {

    static final int HEADER = 4 + 4 + 4 + 8 * 8 + 4;
    /// A length beyond this was never written.
    static final int MOST = 16 << 20;
    private static final int MAGIC = 0x4d524c31;

    private Block() {
    }

    /// @param header where it begins in the file, `stored` the octets behind it
    record Found(Reach reach, long header, int length, int stored, int checksum) {
        long end() {
            return header + HEADER + stored;
        }
    }

    static ByteBuffer of(byte[] lines, int length, Reach reach, Deflater deflater) {
        deflater.reset();
        deflater.setInput(lines, 0, length);
        deflater.finish();
        byte[] out = new byte[HEADER + length + length / 1_000 + 64];
        int stored = 0;
        while (!deflater.finished()) {
            stored += deflater.deflate(out, HEADER + stored, out.length - HEADER - stored);
            if (!deflater.finished()) {
                out = Arrays.copyOf(out, out.length * 2);
            }
        }
        ByteBuffer block = ByteBuffer.wrap(out, 0, HEADER + stored);
        block.putInt(MAGIC).putInt(length).putInt(stored);
        for (Reach.Span span : new Reach.Span[] {reach.millis(), reach.mid(), reach.icid(), reach.dcid()}) {
            block.putLong(span.from()).putLong(span.to());
        }
        block.putInt(checksum(out, stored));
        return block.rewind();
    }

    private static int checksum(byte[] block, int stored) {
        CRC32C sum = new CRC32C();
        sum.update(block, 0, HEADER - 4);
        sum.update(block, HEADER, stored);
        return (int) sum.getValue();
    }

    /// Empty at the end of the file, and where what stands there is no header.
    static Optional<Found> header(FileChannel file, long at) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        if (!fill(file, header, at) || header.getInt() != MAGIC) {
            return Optional.empty();
        }
        int length = header.getInt();
        int stored = header.getInt();
        Reach reach = new Reach(span(header), span(header), span(header), span(header));
        boolean possible = length >= 0 && length <= MOST && stored >= 0 && stored <= MOST && at + HEADER + stored <= file.size();
        return possible ? Optional.of(new Found(reach, at, length, stored, header.getInt())) : Optional.empty();
    }

    private static Reach.Span span(ByteBuffer in) {
        return new Reach.Span(in.getLong(), in.getLong());
    }

    /// The lines; empty when they are damaged.
    static Optional<byte[]> lines(FileChannel file, Found found) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(HEADER + found.stored());
        if (!fill(file, block, found.header()) || checksum(block.array(), found.stored()) != found.checksum()) {
            return Optional.empty();
        }
        byte[] lines = new byte[found.length()];
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(block.array(), HEADER, found.stored());
            int read = 0;
            while (read < lines.length) {
                int more = inflater.inflate(lines, read, lines.length - read);
                if (more == 0) {
                    return Optional.empty();
                }
                read += more;
            }
            return Optional.of(lines);
        } catch (DataFormatException damaged) {
            return Optional.empty();
        }
    }

    private static boolean fill(FileChannel file, ByteBuffer into, long from) throws IOException {
        long at = from;
        while (into.hasRemaining()) {
            int read = file.read(into, at);
            if (read < 0) {
                return false;
            }
            at += read;
        }
        into.flip();
        return true;
    }
}
