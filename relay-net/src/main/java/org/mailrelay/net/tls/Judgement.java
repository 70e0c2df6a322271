package org.mailrelay.net.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// What was found of a chain, for as long as it may be taken from memory.
///
/// @param from a clock that is set back ends it too
record Judgement<T>(T result, Instant from, Instant until) {

    private static final Duration LIFE = Duration.ofMinutes(10);

    /// For ten minutes, and never beyond the moment in which a certificate of the chain begins or ends.
    static <T> Judgement<T> of(T result, List<X509Certificate> chain, Instant now) {
        return new Judgement<>(result, now, chain.stream().flatMap(each -> Stream.of(each.getNotBefore().toInstant(), each.getNotAfter().toInstant()))
                .filter(change -> change.isAfter(now)).reduce(now.plus(LIFE), (a, b) -> a.isBefore(b) ? a : b));
    }

    boolean holds(Instant now) {
        return !now.isBefore(from) && now.isBefore(until);
    }
}
