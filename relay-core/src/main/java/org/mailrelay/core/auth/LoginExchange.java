package org.mailrelay.core.auth;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// LOGIN: user, then password, each asked for. Never standardised; old clients know nothing else.
public final class LoginExchange implements SaslExchange {

    private final Authority authority;
    private boolean asked;
    private @Nullable String user;

    public LoginExchange(Authority authority) {
        this.authority = authority;
    }

    @Override
    public SaslStep answer(byte[] response) {
        if (response.length == 0 && !asked) {
            asked = true;
            return challenge("Username:");
        }
        asked = true;
        Optional<String> text = SaslText.of(response);
        if (text.isEmpty() || text.get().isEmpty()) {
            return new SaslStep.Malformed();
        }
        String known = user;
        if (known == null) {
            user = text.get();
            return challenge("Password:");
        }
        return SaslText.step(authority.password(known, text.get()), known);
    }

    private static SaslStep challenge(String words) {
        return new SaslStep.Challenge(words.getBytes(StandardCharsets.US_ASCII));
    }
}
