package org.mailrelay.net.dns;

import java.time.Duration;

/// Told of each question that went to a server; answers from the cache are not told. Called on the asking thread.
@FunctionalInterface
public interface LookupListener {
    enum Result { FOUND, NO_DATA, NX_DOMAIN, BOGUS, FAILED }

    void looked(String name, String type, Result result, Duration took);
}
