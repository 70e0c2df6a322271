package org.mailrelay.core.tls;

import java.util.List;

/// What must hold before message content may cross one connection.
///
/// `enforced` checks stop the delivery when they fail; `observed` checks are made and logged, and change nothing.
public record TlsRequirement(Encryption encryption, List<TlsCheck> enforced, List<TlsCheck> observed) {

    public enum Encryption { NEVER, IF_OFFERED, ALWAYS }

    public TlsRequirement {
        enforced = List.copyOf(enforced);
        observed = List.copyOf(observed);
        if (!enforced.isEmpty() && encryption != Encryption.ALWAYS) {
            throw new IllegalArgumentException("an enforced check needs encryption ALWAYS, got " + encryption);
        }
    }

    public static TlsRequirement of(Encryption encryption) {
        return new TlsRequirement(encryption, List.of(), List.of());
    }
}
