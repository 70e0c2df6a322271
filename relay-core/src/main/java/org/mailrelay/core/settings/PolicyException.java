package org.mailrelay.core.settings;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.TlsRule;

/// `exception` of a destination: it lowers what it names and nothing else, for a time, with a name to it.
///
/// @param position where it stands: `conf/destinations.yaml:20`
/// @param entry    the entry it belongs to
/// @param tls      the floor that replaces the level
/// @param expires  its last day
/// @param end      the end of that day, local time; from then on it is void
public record PolicyException(String position, String entry, Optional<TlsRule> tls, Optional<DaneUse> dane, Optional<Boolean> mtaSts, Optional<EhloReading> ehlo,
        String reason, String owner, LocalDate expires, Instant end) {

    public boolean holds(Instant now) {
        return now.isBefore(end);
    }
}
