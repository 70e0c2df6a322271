package org.mailrelay.observe.simulate;

import java.util.stream.Collectors;
import org.mailrelay.core.replay.Foreseen;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.session.SessionRecord;

/// What mail on one connection came to, or would come to.
public enum Fate {
    /// Not at this host: the next one, then it waits.
    DEFERRED("deferred"),
    CLEAR("in the clear"),
    ENCRYPTED("encrypted"),
    VERIFIED("verified"),
    /// The record does not say what the policy would have asked.
    UNKNOWN("unknown"),
    /// Policy had no say: the host could not be reached, refused, or was tried again at once on another step of the ladder.
    FAILED("failed");

    private final String word;

    Fate(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    public boolean delivers() {
        return this == CLEAR || this == ENCRYPTED || this == VERIFIED;
    }

    /// Mail that was delivered would not be, or would have less protection.
    public static boolean worse(Fate before, Fate after) {
        return before.delivers() && (after == DEFERRED || after.delivers() && after.compareTo(before) < 0);
    }

    /// @param words why, without details
    record Told(Fate fate, String words) {}

    static Told before(SessionRecord session) {
        if (!session.unmet().isEmpty()) {
            return new Told(DEFERRED, session.unmet().stream().map(TlsReason::words).distinct().collect(Collectors.joining(", ")));
        }
        if (session.clear().isPresent()) {
            return new Told(CLEAR, session.clear().get().words());
        }
        if (session.version().isEmpty()) {
            return new Told(FAILED, session.failure());
        }
        String proof = session.facts().map(SessionRecord.Facts::proof).orElse("");
        return proof.isEmpty() ? new Told(ENCRYPTED, session.version()) : new Told(VERIFIED, proof);
    }

    static Fate of(Foreseen foreseen) {
        return switch (foreseen) {
            case Foreseen.Deferred _ -> DEFERRED;
            case Foreseen.InTheClear _ -> CLEAR;
            case Foreseen.Encrypted _ -> ENCRYPTED;
            case Foreseen.Verified _ -> VERIFIED;
            case Foreseen.Unknown _ -> UNKNOWN;
        };
    }
}
