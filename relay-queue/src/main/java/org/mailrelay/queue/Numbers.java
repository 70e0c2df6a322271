package org.mailrelay.queue;

import java.util.concurrent.atomic.AtomicLong;

/// Numbers that only rise and survive restarts. Blocks of them are reserved on disk ahead of use, so that taking one syncs nothing.
final class Numbers {

    /// How many of each kind a reservation covers; a crash skips at most this many.
    static final long BLOCK = 10_000;

    private final AtomicLong mid;
    private final AtomicLong icid;
    private final AtomicLong dcid;
    private volatile Record.Reserved reserved;

    /// @param used below these, all numbers may have been used
    Numbers(Record.Reserved used) {
        mid = new AtomicLong(used.mid());
        icid = new AtomicLong(used.icid());
        dcid = new AtomicLong(used.dcid());
        reserved = used;
    }

    /// Above all that were taken.
    long nextMid() {
        return mid.get();
    }

    long takeMid() {
        return mid.getAndIncrement();
    }

    long takeIcid() {
        return icid.getAndIncrement();
    }

    long takeDcid() {
        return dcid.getAndIncrement();
    }

    /// True when less than half a block is left of any kind: the writer adds a reservation to its next group.
    boolean low() {
        Record.Reserved now = reserved;
        return now.mid() - mid.get() < BLOCK / 2 || now.icid() - icid.get() < BLOCK / 2 || now.dcid() - dcid.get() < BLOCK / 2;
    }

    Record.Reserved next() {
        return new Record.Reserved(mid.get() + BLOCK, icid.get() + BLOCK, dcid.get() + BLOCK);
    }

    /// What was really used: written at an orderly end, so that a restart skips nothing.
    Record.Reserved used() {
        return new Record.Reserved(mid.get(), icid.get(), dcid.get());
    }

    void reserved(Record.Reserved durable) {
        reserved = durable;
    }
}
