package org.mailrelay.testkit.memory;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Netty's leak detector, keeping what it finds instead of logging it. Netty makes it by reflection where [NothingLeftOpen] has named it.
public final class Leaks<T> extends ResourceLeakDetector<T> {

    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

    public Leaks(Class<?> resource, int samplingInterval) {
        super(resource, samplingInterval);
    }

    /// Netty looks for both.
    public Leaks(Class<?> resource, int samplingInterval, long maxActive) {
        super(resource, samplingInterval);
    }

    /// What has leaked in this JVM so far. Leaks show when lost buffers have been collected and new ones are taken: both happen here.
    public static List<String> found() {
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
        return List.copyOf(FOUND);
    }

    /// What was found so far is another's.
    public static void forget() {
        FOUND.clear();
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resource, String records) {
        FOUND.add(resource + records);
    }

    @Override
    protected void reportUntracedLeak(String resource) {
        FOUND.add(resource);
    }
}
