package org.mailrelay.core.path;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is remembered of one address of a host.
///
/// @param encrypted    it had TLS
/// @param certificates digests of those it showed lately, the last one first; a host with several machines shows several
/// @param seen         when it last was as it is remembered
/// @param lostSince    when it was first seen otherwise
public record Known(boolean encrypted, List<String> certificates, Instant seen, Optional<Instant> lostSince) {

    private static final int CERTIFICATES = 4;
    /// What was seen of a host longer ago says nothing any more.
    public static final Duration COUNTS = Duration.ofDays(30);
    /// Certificates are renewed every few weeks: a change says something only where the old one was seen shortly before.
    static final Duration CERTIFICATE_COUNTS = Duration.ofHours(24);

    public Known {
        certificates = List.copyOf(certificates);
    }

    /// What `showing` is beside it.
    public static Change change(Optional<Known> before, Showing showing, Instant now) {
        if (before.isEmpty()) {
            return Change.FIRST;
        }
        Known known = before.get();
        return switch (showing) {
            case Showing.Encrypted(var certificate, boolean verified) -> {
                boolean counts = known.encrypted && !now.isAfter(known.seen.plus(CERTIFICATE_COUNTS));
                yield verified || !counts || known.certificates.contains(certificate) ? Change.SAME : Change.OTHER_CERTIFICATE;
            }
            case Showing.Bare _ -> !known.encrypted ? Change.NEVER_HAD : now.isAfter(known.seen.plus(COUNTS)) ? Change.FIRST : Change.TLS_LOST;
            case Showing.Untried _ -> known.encrypted ? Change.TLS_LOST : Change.NEVER_HAD;
        };
    }

    /// What is remembered afterwards. A loss is taken for the host's new way once it has lasted, but not while the path is suspected.
    ///
    /// @param lasts after so long a loss is no longer one of those that came at once
    public static Optional<Known> after(Optional<Known> before, Showing showing, Instant now, Duration lasts, boolean suspected) {
        boolean loss = change(before, showing, now).loss();
        if (loss && before.isPresent()) {
            Known known = before.get();
            Instant since = known.lostSince.filter(begin -> !begin.isAfter(now)).orElse(now);   // a clock may be set back
            if (suspected || !now.isAfter(since.plus(lasts)) || showing instanceof Showing.Untried) {
                return Optional.of(new Known(known.encrypted, known.certificates, known.seen, Optional.of(since)));
            }
        }
        return switch (showing) {
            case Showing.Encrypted(var certificate, _) -> {
                List<String> certificates = new ArrayList<>(List.of(certificate));
                if (!loss) {
                    before.ifPresent(known -> known.certificates.stream().filter(other -> !other.equals(certificate)).limit(CERTIFICATES - 1).forEach(certificates::add));
                }
                yield Optional.of(new Known(true, certificates, now, Optional.empty()));
            }
            case Showing.Bare _ -> suspected && before.isEmpty() ? Optional.empty() : Optional.of(new Known(false, List.of(), now, Optional.empty()));
            case Showing.Untried _ -> before;
        };
    }
}
