package org.mailrelay.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SaslExchangeTest {

    private static final byte[] CERTIFICATE_HASH = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final ChannelBinding TLS = new ChannelBinding(Optional.of(CERTIFICATE_HASH));

    /// Knows `user` with the password `pencil` and the salt of RFC 7677 §3, and the token `good`.
    private static final Authority ONE_USER = new Authority() {
        @Override
        public Answer password(String user, String password) {
            return user.equals("down") ? Answer.UNAVAILABLE : user.equals("user") && password.equals("pencil") ? Answer.RIGHT : Answer.WRONG;
        }

        @Override
        public ScramKeys scram(String user) {
            return ScramKeys.of(user.equals("user") ? "pencil" : "nobody's", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4_096);
        }

        @Override
        public TokenAnswer token(String claimed, String token) {
            return token.equals("good") ? new TokenAnswer.Of("user") : token.equals("down") ? new TokenAnswer.Unavailable() : new TokenAnswer.Wrong();
        }

        @Override
        public boolean offers(Mechanism mechanism) {
            return true;
        }
    };

    private static SaslStep say(SaslExchange exchange, String response) {
        return exchange.answer(response.getBytes(StandardCharsets.UTF_8));
    }

    private static String challenge(SaslStep step) {
        return new String(((SaslStep.Challenge) step).octets(), StandardCharsets.UTF_8);
    }

    @Test
    void R_AUTH_1_plainTakesUserAndPasswordAndNothingElse() {
        assertThat(say(new PlainExchange(ONE_USER), "\0user\0pencil")).isEqualTo(new SaslStep.Proven("user"));
        assertThat(say(new PlainExchange(ONE_USER), "user\0user\0pencil")).isEqualTo(new SaslStep.Proven("user"));
        assertThat(say(new PlainExchange(ONE_USER), "\0user\0wrong")).isEqualTo(new SaslStep.Refuted("user"));
        assertThat(say(new PlainExchange(ONE_USER), "\0nobody\0pencil")).isEqualTo(new SaslStep.Refuted("nobody"));
        assertThat(say(new PlainExchange(ONE_USER), "\0down\0x")).isEqualTo(new SaslStep.Unavailable("down"));
        assertThat(say(new PlainExchange(ONE_USER), "admin\0user\0pencil")).as("nobody acts for another").isEqualTo(new SaslStep.Refuted("user"));
    }

    @Test
    void B_AUTH_plainWithNulsWhereNoneBelong() {
        for (String bad : List.of("user", "user\0pencil", "\0user\0pencil\0", "\0user\0pen\0cil", "\0\0pencil", "\0user\0", "\0us\r\ner\0pencil", "\0us\u0085er\0x", "\0" + "u".repeat(300) + "\0x")) {
            assertThat(say(new PlainExchange(ONE_USER), bad)).as("%s", bad.replace('\0', '|')).isInstanceOf(SaslStep.Malformed.class);
        }
        assertThat(new PlainExchange(ONE_USER).answer(new byte[] {0, (byte) 0xff, (byte) 0xfe, 0, 'x'})).isInstanceOf(SaslStep.Malformed.class);
    }

    @Test
    void R_AUTH_1_loginAsksForBoth() {
        LoginExchange login = new LoginExchange(ONE_USER);
        assertThat(challenge(say(login, ""))).isEqualTo("Username:");
        assertThat(challenge(say(login, "user"))).isEqualTo("Password:");
        assertThat(say(login, "pencil")).isEqualTo(new SaslStep.Proven("user"));
        LoginExchange initial = new LoginExchange(ONE_USER);
        assertThat(challenge(say(initial, "user"))).isEqualTo("Password:");
        assertThat(say(initial, "pen")).isEqualTo(new SaslStep.Refuted("user"));
    }

    /// The exchange of RFC 7677 §3, octet for octet.
    @Test
    void R_AUTH_1_scramAsTheStandardShowsIt() {
        ScramExchange scram = new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
        assertThat(challenge(say(scram, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))).isEqualTo("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assertThat(challenge(say(scram, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")))
                .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assertThat(say(scram, "")).isEqualTo(new SaslStep.Proven("user"));
    }

    /// A client: what it sends last for a password.
    private static String proof(String header, byte[] binding, String bare, String serverFirst, String nonce, String password) {
        byte[] said = new byte[header.length() + binding.length];
        System.arraycopy(header.getBytes(StandardCharsets.US_ASCII), 0, said, 0, header.length());
        System.arraycopy(binding, 0, said, header.length(), binding.length);
        String withoutProof = "c=" + Base64.getEncoder().encodeToString(said) + ",r=" + nonce;
        byte[] salted = ScramKeys.salted(password, Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4_096);
        byte[] clientKey = ScramKeys.hmac(salted, "Client Key");
        byte[] signature = ScramKeys.hmac(ScramKeys.hash(clientKey), bare + "," + serverFirst + "," + withoutProof);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= signature[i];
        }
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(clientKey);
    }

    private static SaslStep run(ScramExchange scram, String header, byte[] binding, String password) {
        SaslStep first = say(scram, header + "n=user,r=abc");
        return first instanceof SaslStep.Challenge ? say(scram, proof(header, binding, "n=user,r=abc", challenge(first), "abcxyz", password)) : first;
    }

    @Test
    void scramPlusIsTiedToTheCertificate() {
        String header = "p=tls-server-end-point,,";
        assertThat(run(new ScramExchange(ONE_USER, TLS, true, "xyz"), header, CERTIFICATE_HASH, "pencil")).isInstanceOf(SaslStep.Challenge.class);
        assertThat(run(new ScramExchange(ONE_USER, TLS, true, "xyz"), header, new byte[32], "pencil")).as("another certificate").isEqualTo(new SaslStep.Refuted("user"));
        assertThat(run(new ScramExchange(ONE_USER, TLS, true, "xyz"), header, CERTIFICATE_HASH, "pen")).isEqualTo(new SaslStep.Refuted("user"));
        assertThat(run(new ScramExchange(ONE_USER, TLS, true, "xyz"), "p=tls-unique,,", new byte[12], "pencil")).isInstanceOf(SaslStep.Malformed.class);
        assertThat(run(new ScramExchange(ONE_USER, TLS, true, "xyz"), "n,,", new byte[0], "pencil")).as("PLUS without binding").isInstanceOf(SaslStep.Malformed.class);
    }

    @Test
    void scramNoticesThatItsPlusWasTakenOutOfTheOffer() {
        assertThat(run(new ScramExchange(ONE_USER, TLS, false, "xyz"), "y,,", new byte[0], "pencil")).isInstanceOf(SaslStep.Malformed.class);
        assertThat(run(new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "xyz"), "y,,", new byte[0], "pencil")).isInstanceOf(SaslStep.Challenge.class);
    }

    @Test
    void B_AUTH_scramCannotBeReplayedWithAnotherNonce() {
        ScramExchange scram = new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "other");
        say(scram, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assertThat(say(scram, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")).isEqualTo(new SaslStep.Refuted("user"));
    }

    @Test
    void scramAnswersAnUnknownUserLikeAKnownOneUntilTheEnd() {
        ScramExchange scram = new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "xyz");
        assertThat(challenge(say(scram, "n,,n=nobody,r=abc"))).startsWith("r=abcxyz,s=").endsWith(",i=4096");
        assertThat(say(scram, "c=biws,r=abcxyz,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")).isEqualTo(new SaslStep.Refuted("nobody"));
    }

    @Test
    void scramRefusesWhatTheGrammarDoesNotAllow() {
        for (String bad : List.of("user", "n,,", "n,,r=abc,n=user", "n,,m=ext,n=user,r=abc", "n,,n=us=er,r=abc", "n,,n=,r=abc", "n,,n=user,r=", "x,,n=user,r=abc", "n,a=admin,n=user,r=abc")) {
            assertThat(say(new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "xyz"), bad)).as(bad).isInstanceOf(SaslStep.Malformed.class);
        }
        for (String bad : List.of("", "c=biws,r=abcxyz", "c=biws,r=abcxyz,p=!!", "r=abcxyz,c=biws,p=AAAA", "c=!,r=abcxyz,p=AAAA")) {
            ScramExchange scram = new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "xyz");
            say(scram, "n,,n=user,r=abc");
            assertThat(say(scram, bad)).as(bad).isInstanceOf(SaslStep.Malformed.class);
        }
    }

    @Test
    void bearerTokensInBothForms() {
        assertThat(say(new BearerExchange(ONE_USER, true), "n,a=user,\u0001host=x\u0001port=25\u0001auth=Bearer good\u0001\u0001")).isEqualTo(new SaslStep.Proven("user"));
        assertThat(say(new BearerExchange(ONE_USER, true), "n,,\u0001auth=bearer good\u0001\u0001")).isEqualTo(new SaslStep.Proven("user"));
        assertThat(say(new BearerExchange(ONE_USER, false), "user=user\u0001auth=Bearer good\u0001\u0001")).isEqualTo(new SaslStep.Proven("user"));
        BearerExchange refused = new BearerExchange(ONE_USER, true);
        assertThat(challenge(say(refused, "n,a=user,\u0001auth=Bearer bad\u0001\u0001"))).isEqualTo("{\"status\":\"invalid_token\"}");
        assertThat(say(refused, "\u0001")).isEqualTo(new SaslStep.Refuted("user"));
        for (String bad : List.of("", "n,,", "n,,\u0001auth=Bearer good\u0001", "n,,\u0001auth=Basic good\u0001\u0001", "y,,\u0001auth=Bearer good\u0001\u0001", "n,a=us\rer,\u0001auth=Bearer good\u0001\u0001")) {
            BearerExchange exchange = new BearerExchange(ONE_USER, true);
            exchange.answer(new byte[0]);
            assertThat(say(exchange, bad)).as(bad).isInstanceOf(SaslStep.Malformed.class);
        }
    }

    @Test
    void mechanismsByTheirRegisteredNamesInAnyAsciiCase() {
        assertThat(Mechanism.of("plain")).contains(Mechanism.PLAIN);
        assertThat(Mechanism.of("Scram-Sha-256-Plus")).contains(Mechanism.SCRAM_SHA_256_PLUS);
        assertThat(Mechanism.of("CRAM-MD5")).isEmpty();
        assertThat(Mechanism.of("pla\u0131n")).isEmpty();
    }

    @Test
    void B_AUTH_aTokenMessageOfSeparatorsAloneIsMalformed() {
        for (boolean modern : new boolean[] {true, false}) {
            for (String bad : List.of("\1\1", "\1\1\1", "n,,\1\1", "\1auth=Bearer good\1\1")) {
                assertThat(say(new BearerExchange(ONE_USER, modern), bad)).as("%s", bad.replace('\1', '|')).isInstanceOf(SaslStep.Malformed.class);
            }
        }
    }

    /// Names are kept for the limits on guesses: what no user can be called is not.
    @Test
    void B_AUTH_aNameOfScramIsNoLongerThanOneOfPlain() {
        assertThat(say(new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "x"), "n,,n=" + "u".repeat(255) + ",r=abc")).isInstanceOf(SaslStep.Challenge.class);
        assertThat(say(new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "x"), "n,,n=" + "u".repeat(256) + ",r=abc")).isInstanceOf(SaslStep.Malformed.class);
        assertThat(say(new ScramExchange(ONE_USER, ChannelBinding.NONE, false, "x"), "n,,n=" + "\u00fc".repeat(128) + ",r=abc")).isInstanceOf(SaslStep.Malformed.class);
    }
}
