package org.mailrelay.observe.log;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Lets others follow mail_logs as it is written. A follower that is too slow loses lines and learns how often; the log does not wait.
public final class LineTail implements MailLogWriter.LineReader {

    private final List<Follower> followers = new CopyOnWriteArrayList<>();

    @Override
    public void lines(String lines) {
        for (Follower follower : followers) {
            if (!follower.waiting.offer(lines)) {
                follower.lost.incrementAndGet();
            }
        }
    }

    /// Follows from now on.
    ///
    /// @param batches how many groups of lines may wait, each what the writer wrote at once
    public Follower follow(int batches) {
        Follower follower = new Follower(batches);
        followers.add(follower);
        return follower;
    }

    /// One that follows; closing it ends that.
    public final class Follower implements AutoCloseable {

        private final BlockingQueue<String> waiting;
        private final AtomicLong lost = new AtomicLong();

        private Follower(int batches) {
            waiting = new ArrayBlockingQueue<>(batches);
        }

        /// The next whole lines, each with its line end; empty when none came within `limit`.
        public Optional<String> next(Duration limit) throws InterruptedException {
            return Optional.ofNullable(waiting.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
        }

        /// Groups of lines lost to slowness.
        public long lost() {
            return lost.get();
        }

        @Override
        public void close() {
            followers.remove(this);
        }
    }
}
