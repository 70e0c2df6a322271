package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mailrelay.testkit.memory.Leaks;

/// Without this a broken watch would pass every other test.
@Timeout(60)
class LeaksTest {

    @Test
    void aLostBufferIsSeen() {
        IntStream.range(0, 10).forEach(_ -> PooledByteBufAllocator.DEFAULT.directBuffer(4711));
        List<String> found = Leaks.found();
        for (int round = 0; round < 100 && found.isEmpty(); round++) {
            found = Leaks.found();
        }
        Leaks.found();
        Leaks.forget();
        assertThat(found).isNotEmpty().allMatch(leak -> leak.contains("LeaksTest"));
    }
}
