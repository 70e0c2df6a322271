package org.mailrelay.core.report;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.BounceProfile;

/// How many reports one address and one domain got lately. Mail with a forged sender makes of every failure a report to a victim; beyond
/// the limits the report is dropped. Not thread-safe: the engine asks under its lock.
public final class ReportRate {

    private static final Duration WINDOW = Duration.ofHours(1);
    /// Addresses and domains that are counted at once; beyond it the one that was asked for longest ago is forgotten.
    private static final int MOST_COUNTED = 20_000;

    private static final class Count {
        private Instant since;
        private int reports;

        private Count(Instant since) {
            this.since = since;
        }
    }

    private final Map<String, Count> counts = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > MOST_COUNTED;
        }
    };

    /// Counts a report, unless the address or its domain has had as many as it may have in an hour.
    ///
    /// @return false: drop it
    public boolean take(BounceProfile.ReportLimits limits, Mailbox to, Instant now) {
        Count address = count(to.toString().toLowerCase(Locale.ROOT), now);
        Count domain = count("@" + to.domain(), now);
        if (address.reports >= limits.perAddress() || domain.reports >= limits.perDomain()) {
            return false;
        }
        address.reports++;
        domain.reports++;
        return true;
    }

    /// Addresses and domains that are counted at present.
    int counted() {
        return counts.size();
    }

    private Count count(String key, Instant now) {
        Count count = counts.computeIfAbsent(key, _ -> new Count(now));
        if (Duration.between(count.since, now).abs().compareTo(WINDOW) >= 0) {
            count.since = now;
            count.reports = 0;
        }
        return count;
    }
}
