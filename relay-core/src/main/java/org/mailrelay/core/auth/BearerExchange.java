package org.mailrelay.core.auth;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// OAUTHBEARER (RFC 7628 §3.1) and its forerunner XOAUTH2: a token of the organisation's identity provider.
///
/// OAUTHBEARER: `n,[a=user],` %x01 *(key `=` value %x01) %x01 with `auth=Bearer token`. XOAUTH2: `user=` user %x01 `auth=Bearer token` %x01 %x01.
/// A refusal is told as a challenge in JSON first, which the client answers with anything (RFC 7628 §3.2.2).
public final class BearerExchange implements SaslExchange {

    private static final char SEPARATOR = 1;
    private static final byte[] INVALID = "{\"status\":\"invalid_token\"}".getBytes(StandardCharsets.US_ASCII);

    private final Authority authority;
    private final boolean modern;
    private boolean asked;
    private boolean refused;
    private String user = "";

    /// @param modern OAUTHBEARER, else XOAUTH2
    public BearerExchange(Authority authority, boolean modern) {
        this.authority = authority;
        this.modern = modern;
    }

    @Override
    public SaslStep answer(byte[] response) {
        if (refused) {
            return new SaslStep.Refuted(user);
        }
        if (response.length == 0 && !asked) {
            asked = true;
            return new SaslStep.Challenge(new byte[0]);
        }
        String message = new String(response, StandardCharsets.UTF_8);
        if (!message.endsWith("" + SEPARATOR + SEPARATOR)) {
            return new SaslStep.Malformed();
        }
        String[] parts = message.split(String.valueOf(SEPARATOR), -1);
        Optional<String> claimed = modern ? named(parts[0]) : field(parts, "user=").flatMap(BearerExchange::clean);
        Optional<String> token = field(parts, "auth=").filter(value -> value.length() > 7 && value.regionMatches(true, 0, "Bearer ", 0, 7)).map(value -> value.substring(7));
        if (claimed.isEmpty() || token.isEmpty()) {
            return new SaslStep.Malformed();
        }
        user = claimed.get();
        return switch (authority.token(user, token.get())) {
            case TokenAnswer.Of(String proven) -> new SaslStep.Proven(proven);
            case TokenAnswer.Unavailable _ -> new SaslStep.Unavailable(user);
            case TokenAnswer.Wrong _ -> {
                refused = true;
                yield new SaslStep.Challenge(INVALID);
            }
        };
    }

    /// The user of a GS2 header without channel binding: `n,,` or `n,a=user,`.
    private static Optional<String> named(String header) {
        if (header.equals("n,,")) {
            return Optional.of("");
        }
        return header.startsWith("n,a=") && header.endsWith(",") ? clean(header.substring(4, header.length() - 1)) : Optional.empty();
    }

    private static Optional<String> clean(String name) {
        return SaslText.of(name.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> field(String[] parts, String key) {
        for (String part : parts) {
            if (part.startsWith(key)) {
                return Optional.of(part.substring(key.length()));
            }
        }
        return Optional.empty();
    }
}
