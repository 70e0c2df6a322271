package org.mailrelay.bench.endtoend;

import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/// When each message was begun, accepted and received, by its number; what came twice or changed. Any thread.
final class Books {

    private final AtomicLongArray begun;
    private final AtomicLongArray accepted;
    private final AtomicLongArray arrived;
    private final AtomicInteger duplicates = new AtomicInteger();
    private final AtomicInteger damaged = new AtomicInteger();
    private final CountDownLatch missing;

    Books(int messages) {
        begun = new AtomicLongArray(messages);
        accepted = new AtomicLongArray(messages);
        arrived = new AtomicLongArray(messages);
        missing = new CountDownLatch(messages);
    }

    int messages() {
        return begun.length();
    }

    void begun(int message, long nanos) {
        begun.set(message, nanos);
    }

    void accepted(int message) {
        accepted.set(message, System.nanoTime());
    }

    void arrived(int message) {
        if (arrived.compareAndSet(message, 0, System.nanoTime())) {
            missing.countDown();
        } else {
            duplicates.incrementAndGet();
        }
    }

    void damaged() {
        damaged.incrementAndGet();
    }

    CountDownLatch missing() {
        return missing;
    }

    int duplicates() {
        return duplicates.get();
    }

    int damagedCount() {
        return damaged.get();
    }

    /// Messages a second between the first beginning and the last `what`.
    double acceptedPerSecond() {
        return rate(accepted);
    }

    double deliveredPerSecond() {
        return rate(arrived);
    }

    /// When the first of them came, by [System#nanoTime]; empty while none has.
    OptionalLong firstArrivalNanos() {
        return java.util.stream.IntStream.range(0, messages()).mapToLong(arrived::get).filter(nanos -> nanos != 0).min();
    }

    /// How many have come.
    long arrivals() {
        return messages() - missing.getCount();
    }

    private double rate(AtomicLongArray ends) {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        int count = 0;
        for (int i = 0; i < messages(); i++) {
            if (ends.get(i) != 0) {
                first = Math.min(first, begun.get(i));
                last = Math.max(last, ends.get(i));
                count++;
            }
        }
        return count == 0 ? 0 : count * 1e9 / (last - first);
    }

    /// From the beginning of MAIL to the arrival at the sink.
    ///
    /// @return milliseconds, ascending
    double[] endToEndMillis() {
        return java.util.stream.IntStream.range(0, messages()).filter(i -> arrived.get(i) != 0).mapToDouble(i -> (arrived.get(i) - begun.get(i)) / 1e6).sorted().toArray();
    }
}
