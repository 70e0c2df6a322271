package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Without this a broken watch would pass every other test.
@Timeout(60)
class LeakWatchTest {

    @Test
    void aLostBufferIsSeen() {
        IntStream.range(0, 10).forEach(_ -> PooledByteBufAllocator.DEFAULT.directBuffer(4711));
        while (KeepingLeakDetector.LEAKS.isEmpty()) {
            LeakWatch.collect();
        }
        LeakWatch.collect();
        assertThat(KeepingLeakDetector.LEAKS).allMatch(leak -> leak.contains("LeakWatchTest"));
        KeepingLeakDetector.LEAKS.clear();
    }
}
