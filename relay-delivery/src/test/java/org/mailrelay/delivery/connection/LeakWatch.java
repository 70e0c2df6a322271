package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// After a test class: every buffer that it took was given back.
final class LeakWatch implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        collect();
        assertThat(KeepingLeakDetector.LEAKS).isEmpty();
    }

    /// Leaks show when lost buffers have been collected and a new one is taken.
    static void collect() {
        for (int round = 0; round < 2; round++) {
            WeakReference<Object> lost = new WeakReference<>(new Object());
            while (lost.get() != null) {
                System.gc();
            }
            for (int i = 0; i < 100; i++) {
                PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
                PooledByteBufAllocator.DEFAULT.heapBuffer(16).release();
                UnpooledByteBufAllocator.DEFAULT.heapBuffer(16).release();
            }
        }
    }
}
