package org.mailrelay.observe.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The label `destination`: the first so many entries seen keep their names, all others are `other`, so that series stay few.
final class DestinationNames {

    static final String OTHER = "other";

    private final int max;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    DestinationNames(int max) {
        this.max = max;
    }

    String label(String entry) {
        if (seen.contains(entry)) {
            return entry;
        }
        synchronized (seen) {
            return seen.size() < max && seen.add(entry) || seen.contains(entry) ? entry : OTHER;
        }
    }
}
