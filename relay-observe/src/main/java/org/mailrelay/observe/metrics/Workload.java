package org.mailrelay.observe.metrics;

import java.time.Duration;

/// What is under way and what waits, at one moment.
///
/// @param ready      recipients that only wait for a connection
/// @param waiting    recipients whose next attempt is later, or whose destination is held
/// @param delivering recipients of transactions under way
/// @param oldest     age of the oldest message; zero for an empty queue
/// @param outbound   connections to mail hosts
public record Workload(long ready, long waiting, long delivering, Duration oldest, int outbound) {

    public static final Workload NONE = new Workload(0, 0, 0, Duration.ZERO, 0);
}
