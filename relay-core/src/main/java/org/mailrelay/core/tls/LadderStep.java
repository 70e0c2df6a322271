package org.mailrelay.core.tls;

import java.util.Optional;

/// How a handshake is offered, strongest first. Hosts behind old middleboxes fail on a large or a modern ClientHello; each step down is
/// one connection, and none of them changes what is checked.
public enum LadderStep {
    /// X25519MLKEM768 before the classical groups: the ClientHello takes two packets.
    HYBRID("post-quantum hybrid"),
    CLASSICAL("classical"),
    /// The lowest version that the destination allows, few groups and few ciphers.
    REDUCED("reduced ClientHello"),
    /// No TLS, in a later attempt (RFC 7435 §3).
    CLEAR("plaintext");

    private final String words;

    LadderStep(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    public boolean encrypted() {
        return this != CLEAR;
    }

    /// The next step down, where there is one.
    ///
    /// @param clearAllowed nothing was promised, and the operator lets mail go in the clear after a failed handshake
    public Optional<LadderStep> below(boolean clearAllowed) {
        return switch (this) {
            case HYBRID -> Optional.of(CLASSICAL);
            case CLASSICAL -> Optional.of(REDUCED);
            case REDUCED -> clearAllowed ? Optional.of(CLEAR) : Optional.empty();
            case CLEAR -> Optional.empty();
        };
    }
}
