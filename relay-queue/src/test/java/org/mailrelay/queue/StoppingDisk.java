package org.mailrelay.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// The real disk of a process that is killed at its n-th change: of that one, half may have arrived; after it nothing does.
final class StoppingDisk extends SteeredDisk {

    private final AtomicInteger left;

    /// What the killed process would not see.
    static final class Stopped extends IOException {
        private static final long serialVersionUID = 1L;
        private final boolean first;

        Stopped(boolean first) {
            super("the process is dead");
            this.first = first;
        }
    }

    /// @param after changes that still take place
    StoppingDisk(int after) {
        this.left = new AtomicInteger(after);
    }

    boolean stopped() {
        return left.get() < 0;
    }

    @Override
    void before(Operation operation, Path path, long octets) throws IOException {
        if (operation.changes()) {
            int before = left.getAndDecrement();
            if (before <= 0) {
                throw new Stopped(before == 0);
            }
        }
    }

    @Override
    int arriving(IOException failure, int octets) {
        return failure instanceof Stopped stopped && stopped.first ? octets / 2 : 0;
    }
}
