package org.mailrelay.delivery.connection;

import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Keeps what leaked, instead of logging it. Netty makes it by reflection, as the build file names it.
public final class KeepingLeakDetector<T> extends ResourceLeakDetector<T> {

    static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    public KeepingLeakDetector(Class<?> resource, int samplingInterval) {
        super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resource, String records) {
        LEAKS.add(resource + records);
    }

    @Override
    protected void reportUntracedLeak(String resource) {
        LEAKS.add(resource);
    }
}
