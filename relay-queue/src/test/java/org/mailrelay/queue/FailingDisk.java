package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// The real disk, but for one change that fails, and half of whose bytes may have arrived all the same.
final class FailingDisk extends SteeredDisk {

    private final AtomicInteger left;
    private final String message;
    private final Predicate<Path> counted;

    /// @param after changes that succeed before the one that fails; later ones succeed again
    FailingDisk(int after, String message) {
        this(after, message, _ -> true);
    }

    /// @param counted files whose changes count
    FailingDisk(int after, String message, Predicate<Path> counted) {
        this.counted = counted;
        this.left = new AtomicInteger(after);
        this.message = message;
    }

    boolean failed() {
        return left.get() < 0;
    }

    @Override
    void before(Operation operation, Path path, long octets) throws IOException {
        if (operation.changes() && counted.test(path) && left.getAndDecrement() == 0) {
            throw new IOException(message);
        }
    }
}
