package org.mailrelay.core.path;

import java.time.Duration;

/// `alerts.own_path`: when our own network is suspected, and how long opportunistic mail waits then.
///
/// @param hosts  so many unrelated hosts must have lost TLS, or changed their certificate, ...
/// @param share  ... and so many of a hundred of those that were met and had TLS before, ...
/// @param window ... within this time; 0: nothing is watched
/// @param hold   opportunistic mail waits for so long at most, counted from the alarm; 0: the alarm alone
public record OwnPathTerms(int hosts, int share, Duration window, Duration hold) {

    public static final OwnPathTerms DEFAULT = new OwnPathTerms(5, 50, Duration.ofMinutes(15), Duration.ofHours(4));
    public static final OwnPathTerms OFF = new OwnPathTerms(DEFAULT.hosts, DEFAULT.share, Duration.ZERO, Duration.ZERO);

    public OwnPathTerms {
        if (hosts < 2 || share < 1 || share > 100 || window.isNegative() || hold.isNegative()) {
            throw new IllegalArgumentException("no alarm can rest on " + hosts + " hosts, " + share + " percent, " + window + ", " + hold);
        }
    }

    public boolean on() {
        return !window.isZero();
    }
}
