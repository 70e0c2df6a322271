package org.mailrelay.core.auth;

import java.util.Optional;

/// The mechanisms that a listener may offer, best first: so EHLO lists them.
public enum Mechanism {
    SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS", Kind.SCRAM),
    SCRAM_SHA_256("SCRAM-SHA-256", Kind.SCRAM),
    OAUTHBEARER("OAUTHBEARER", Kind.TOKEN),
    XOAUTH2("XOAUTH2", Kind.TOKEN),
    PLAIN("PLAIN", Kind.PASSWORD),
    LOGIN("LOGIN", Kind.PASSWORD);

    /// What the client must know, and so what the authority must hold.
    public enum Kind { PASSWORD, SCRAM, TOKEN }

    private final String word;
    private final Kind kind;

    Mechanism(String word, Kind kind) {
        this.word = word;
        this.kind = kind;
    }

    public String word() {
        return word;
    }

    public Kind kind() {
        return kind;
    }

    /// By its registered name in any ASCII case.
    public static Optional<Mechanism> of(String word) {
        for (Mechanism mechanism : values()) {
            if (mechanism.word.equals(org.mailrelay.core.smtp.Ascii.upper(word))) {
                return Optional.of(mechanism);
            }
        }
        return Optional.empty();
    }
}
