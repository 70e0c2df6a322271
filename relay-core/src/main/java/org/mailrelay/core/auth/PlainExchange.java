package org.mailrelay.core.auth;

import java.util.Optional;

/// PLAIN (RFC 4616 §2): `[authzid] NUL authcid NUL passwd`, and no other NUL. Nobody acts for another here: an authzid must be the user.
public final class PlainExchange implements SaslExchange {

    private final Authority authority;
    private boolean asked;

    public PlainExchange(Authority authority) {
        this.authority = authority;
    }

    @Override
    public SaslStep answer(byte[] response) {
        if (response.length == 0 && !asked) {
            asked = true;
            return new SaslStep.Challenge(new byte[0]);
        }
        int first = nul(response, 0);
        int second = first < 0 ? -1 : nul(response, first + 1);
        if (second < 0 || nul(response, second + 1) >= 0) {
            return new SaslStep.Malformed();
        }
        Optional<String> acting = SaslText.of(response, 0, first);
        Optional<String> user = SaslText.of(response, first + 1, second);
        Optional<String> password = SaslText.of(response, second + 1, response.length);
        if (acting.isEmpty() || user.isEmpty() || password.isEmpty() || user.get().isEmpty() || password.get().isEmpty()) {
            return new SaslStep.Malformed();
        }
        Authority.Answer answer = authority.password(user.get(), password.get());
        boolean another = !acting.get().isEmpty() && !acting.get().equals(user.get());
        return SaslText.step(another && answer == Authority.Answer.RIGHT ? Authority.Answer.WRONG : answer, user.get());
    }

    private static int nul(byte[] octets, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == 0) {
                return i;
            }
        }
        return -1;
    }
}
