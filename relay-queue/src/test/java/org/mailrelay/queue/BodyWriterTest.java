package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Mid;

/// What a waiting body costs is what the budget of memory counts for it.
class BodyWriterTest {

    @Test
    void aBodyInMemoryHoldsLittleMoreThanItsLength() throws IOException {
        Bodies bodies = new Bodies(new RealDisk(), Path.of("no file is made here"));
        for (int length : new int[] {0, 1, 500, 2_048, 9_000, 9_300, 12_288, 12_289, 50_000, 200_000}) {
            BodyWriter writer = bodies.writer(new Mid(1));
            writer.write(ByteBuffer.allocate(length));
            Body.InMemory body = (Body.InMemory) writer.finish();

            long held = body.chunks().stream().mapToLong(ByteBuffer::capacity).sum();
            assertThat(held).as("held for %d octets", length).isBetween((long) length, length + length / 3L + 1);
        }
    }
}
