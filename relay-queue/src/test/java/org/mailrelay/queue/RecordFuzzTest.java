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
        Record sound = RecordCodec.soundOrNull(record, true);
        assertThat(record.position()).isZero();
        switch (sound) {
            case null -> { }
            case Record.Message message -> assertThat(message.states()).hasSameSizeAs(message.envelope().recipients());
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
}
