package org.mailrelay.core.settings;

import java.time.Duration;
import java.util.Optional;
import org.mailrelay.core.mail.Mailbox;

/// How long and how often delivery is tried, and what its sender is told.
///
/// @param maxRetries   attempts in which MAIL was sent; a host that cannot be reached uses up none
/// @param delayWarning how long after reception the sender is told that a recipient waits; empty for never, unless he asked for it
/// @param reports      who reports are from and what they hold
public record BounceProfile(String name, int maxRetries, Duration maxTimeInQueue, Duration initialRetry, Duration maxRetry,
        Optional<Duration> delayWarning, Reports reports) {

    /// What of the message a DSN returns (RFC 3462).
    public enum Original { HEADERS, FULL, NONE }

    /// Reports that one address, and all addresses of one domain, get in an hour.
    public record ReportLimits(int perAddress, int perDomain) {
        public static final ReportLimits DEFAULT = new ReportLimits(100, 1_000);

        public ReportLimits {
            if (perAddress < 1 || perDomain < perAddress) {
                throw new IllegalArgumentException("reports an hour: " + perAddress + " for an address, " + perDomain + " for a domain");
            }
        }
    }

    /// @param original      what of the message goes along, where its sender does not say (RFC 3461 §4.3)
    /// @param from          address of the From field; empty for MAILER-DAEMON at this host. The envelope's sender is `<>` in any case
    /// @param doubleBounces who gets what cannot be returned to anybody; empty for nobody
    public record Reports(Original original, Optional<Mailbox> from, Optional<Mailbox> doubleBounces, ReportLimits limits) {
        public static final Reports DEFAULT = new Reports(Original.HEADERS, Optional.empty(), Optional.empty(), ReportLimits.DEFAULT);
    }

    public static final BounceProfile DEFAULT = new BounceProfile("default", 100, Duration.ofHours(72), Duration.ofSeconds(60), Duration.ofHours(1),
            Optional.empty(), Reports.DEFAULT);

    /// One that warns of no delay and reports as [Reports#DEFAULT] says.
    public BounceProfile(String name, int maxRetries, Duration maxTimeInQueue, Duration initialRetry, Duration maxRetry) {
        this(name, maxRetries, maxTimeInQueue, initialRetry, maxRetry, Optional.empty(), Reports.DEFAULT);
    }

    public BounceProfile withDelayWarning(Duration after) {
        return new BounceProfile(name, maxRetries, maxTimeInQueue, initialRetry, maxRetry, Optional.of(after), reports);
    }

    public BounceProfile withReports(Reports other) {
        return new BounceProfile(name, maxRetries, maxTimeInQueue, initialRetry, maxRetry, delayWarning, other);
    }

    public BounceProfile {
        if (initialRetry.compareTo(maxRetry) > 0) {
            throw new IllegalArgumentException("initial_retry (" + initialRetry + ") is longer than max_retry (" + maxRetry + ")");
        }
    }
}
