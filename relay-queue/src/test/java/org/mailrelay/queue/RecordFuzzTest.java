package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A record of the spool with any payload. Its checksum is mended, for else the fuzzer would stop there: what makes no sense behind it is damage, and never a throw.
class RecordFuzzTest {

    @FuzzTest(maxDuration = "1m")
    void record(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int payload = input.length - 1;
        ByteBuffer record = ByteBuffer.allocate(RecordCodec.HEADER + payload);
        record.putInt(RecordCodec.MAGIC).put(input[0]).putInt(payload).putInt(0).put(input, 1, payload).flip();
        int checked = input[0] == 5 && payload >= 4 ? record.getInt(RecordCodec.HEADER) : payload;
        if (checked >= 0 && checked <= payload) {
            CRC32C crc = new CRC32C();
            crc.update(record.duplicate().position(4).limit(9));
            crc.update(record.duplicate().position(RecordCodec.HEADER).limit(RecordCodec.HEADER + checked));
            record.putInt(9, (int) crc.getValue());
        }
        Record sound = RecordCodec.soundOrNull(record, !RecordCodec.isMessage(input[0]));
        assertThat(record.position()).isZero();
        switch (sound) {
            case null -> { }
            case Record.Message message -> {
                assertThat(message.states()).hasSameSizeAs(message.envelope().recipients());
                message.entry(new Entry.Place(null, 0, record.limit(), message.head()), java.nio.file.Path.of("bodies"));
                if (message.bodyFile().isEmpty()) {
                    sameMessage(message, new byte[(int) message.bodyLength()]);
                }
            }
            case Record.Change(StateChange change) -> same(sound, out -> RecordCodec.putChange(out, change));
            case Record.Abandoned abandoned -> same(sound, out -> RecordCodec.putAbandoned(out, abandoned.mid().value()));
            case Record.Reserved reserved -> same(sound, out -> RecordCodec.putReserved(out, reserved));
        }
    }

    /// What is written of it is read as the same.
    private static void same(Record record, java.util.function.Consumer<ByteBuffer> write) {
        ByteBuffer out = ByteBuffer.allocate(1 << 18);
        write.accept(out);
        assertThat(RecordCodec.soundOrNull(out.flip(), true)).isEqualTo(record);
    }

    /// Envelope, origin, content and states, written in the present format whatever they were read from, are read as the same.
    private static void sameMessage(Record.Message read, byte[] octets) {
        CRC32C crc = new CRC32C();
        crc.update(octets);
        Body.InMemory body = new Body.InMemory(java.util.List.of(ByteBuffer.wrap(octets)), octets.length, (int) crc.getValue());
        NewMessage message = new NewMessage(read.mid(), read.envelope(), read.origin(), read.content(), read.prologue(), body);
        ByteBuffer out = ByteBuffer.allocate(RecordCodec.bound(message, read.states().stream().mapToInt(RecordCodec::bound).sum()) + octets.length);
        RecordCodec.putMessage(out, message, read.states());
        assertThat(RecordCodec.soundOrNull(out.flip(), true)).isInstanceOfSatisfying(Record.Message.class, again -> {
            assertThat(again).usingRecursiveComparison().ignoringFields("bodyChecksum", "head").isEqualTo(read);
        });
    }

    /// A segment with anything in it: nothing throws, and a sound record is found whatever damage stands before and behind it. Checksums in front of it are left as they are.
    @FuzzTest(maxDuration = "1m")
    void segment(byte[] input) throws java.io.IOException {
        int cut = input.length == 0 ? 0 : (input[0] & 255) % input.length;
        ByteBuffer segment = ByteBuffer.allocate(input.length + 64);
        segment.put(input, 0, cut);
        RecordCodec.putAbandoned(segment, 4_711);
        segment.put(input, cut, input.length - cut).flip();
        java.util.List<Record> found = new java.util.ArrayList<>();
        long[] behind = {0};
        SegmentReader reader = new SegmentReader(new InMemory(segment), "segment", problem -> assertThat(problem.offset()).isBetween(0L, (long) segment.limit()));
        reader.readAll((record, payload, type, offset, length) -> {
            assertThat(offset).isGreaterThanOrEqualTo(behind[0]);
            behind[0] = offset + length;
            found.add(record);
        });
        assertThat(found).contains(new Record.Abandoned(new org.mailrelay.core.mail.Mid(4_711)));
    }

    private record InMemory(ByteBuffer octets) implements Disk.DiskFile {

        @Override
        public int read(ByteBuffer into, long position) {
            int count = Math.min(into.remaining(), octets.limit() - (int) position);
            if (count <= 0) {
                return -1;
            }
            into.put(octets.duplicate().position((int) position).limit((int) position + count));
            return count;
        }

        @Override
        public long size() {
            return octets.limit();
        }

        @Override
        public void append(ByteBuffer bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sync() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
        }
    }
}
