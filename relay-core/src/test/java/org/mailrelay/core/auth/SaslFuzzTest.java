package org.mailrelay.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Responses of AUTH as clients send them, decoded (targets for a fuzzer). The first octet of an input chooses the mechanism; 0xff parts the responses.
class SaslFuzzTest {

    private static final String USER = "user";
    private static final String PASSWORD = "pass";
    private static final String TOKEN = "good.token";
    private static final ScramKeys KEYS = ScramKeys.of(PASSWORD, new byte[16], ScramKeys.ITERATIONS);

    /// Knows one user.
    private static final Authority ONE = new Authority() {
        @Override
        public Answer password(String user, String password) {
            assertThat(user + password).as("what an authority is asked").matches("[^\\p{Cntrl}\\u2028\\u2029]*");
            return user.equals(USER) && password.equals(PASSWORD) ? Answer.RIGHT : Answer.WRONG;
        }

        @Override
        public ScramKeys scram(String user) {
            return KEYS;
        }

        @Override
        public TokenAnswer token(String claimed, String token) {
            return token.equals(TOKEN) && (claimed.isEmpty() || claimed.equals(USER)) ? new TokenAnswer.Of(USER) : new TokenAnswer.Wrong();
        }

        @Override
        public boolean offers(Mechanism mechanism) {
            return true;
        }
    };

    private static SaslExchange exchange(Mechanism mechanism) {
        ChannelBinding channel = new ChannelBinding(Optional.of(new byte[32]));
        return switch (mechanism) {
            case PLAIN -> new PlainExchange(ONE);
            case LOGIN -> new LoginExchange(ONE);
            case SCRAM_SHA_256 -> new ScramExchange(ONE, ChannelBinding.NONE, false, "nonce");
            case SCRAM_SHA_256_PLUS -> new ScramExchange(ONE, channel, true, "nonce");
            case OAUTHBEARER -> new BearerExchange(ONE, true);
            case XOAUTH2 -> new BearerExchange(ONE, false);
        };
    }

    /// Nothing throws; nobody is proven but the one who has sent what proves it; every exchange ends.
    @FuzzTest(maxDuration = "1m")
    void responses(byte[] input) {
        if (input.length == 0) {
            return;
        }
        Mechanism mechanism = Mechanism.values()[(input[0] & 255) % Mechanism.values().length];
        SaslExchange exchange = exchange(mechanism);
        String sent = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
        String[] responses = sent.split("\u00ff", -1);
        int challenges = 0;
        for (String response : responses) {
            switch (exchange.answer(response.getBytes(StandardCharsets.ISO_8859_1))) {
                case SaslStep.Challenge(byte[] octets) -> {
                    assertThat(octets.length).isLessThan(16_384);
                    assertThat(++challenges).isLessThanOrEqualTo(3);
                }
                case SaslStep.Proven(String user) -> {
                    assertThat(user).isEqualTo(USER);
                    assertThat(proves(mechanism, responses)).as(sent).isTrue();
                    return;
                }
                case SaslStep.Refuted(String user) -> {
                    assertThat(user).matches("[^\\p{Cntrl}]*");
                    assertThat(mechanism == Mechanism.PLAIN && provesPlain(responses)).isFalse();
                    return;
                }
                case SaslStep.Malformed _, SaslStep.Unavailable _ -> {
                    return;
                }
            }
        }
    }

    private static boolean proves(Mechanism mechanism, String[] responses) {
        return switch (mechanism) {
            case PLAIN -> provesPlain(responses);
            case LOGIN -> String.join("\0", Arrays.stream(responses).filter(each -> !each.isEmpty()).toList()).startsWith(USER + "\0" + PASSWORD);
            case OAUTHBEARER, XOAUTH2 -> Arrays.stream(responses).anyMatch(each -> each.contains(TOKEN));
            case SCRAM_SHA_256, SCRAM_SHA_256_PLUS -> Arrays.stream(responses).anyMatch(each -> each.contains("p=") && each.contains("nonce"));
        };
    }

    /// RFC 4616 §2, over the whole.
    private static boolean provesPlain(String[] responses) {
        String message = responses[0].isEmpty() && responses.length > 1 ? responses[1] : responses[0];
        String[] parts = message.split("\0", -1);
        return parts.length == 3 && (parts[0].isEmpty() || parts[0].equals(USER)) && parts[1].equals(USER) && parts[2].equals(PASSWORD);
    }
}
