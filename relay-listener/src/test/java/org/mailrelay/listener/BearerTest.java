package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.tls.Trust;

/// OAUTHBEARER and XOAUTH2 over a socket (RFC 7628).
class BearerTest {

    @TempDir
    Path folder;
    private ECKey key;
    private Path keys;

    @BeforeEach
    void publish() throws Exception {
        key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        keys = Files.writeString(folder.resolve("keys.json"), new JWKSet(key.toPublicJWK()).toString());
    }

    private ListenerFixture relay(URI where) throws Exception {
        AuthSources sources = new AuthSources(Optional.empty(), Optional.empty(), Optional.of(new AuthSources.Issuer(where, "https://login.example.com", "mailrelay", "email", Trust.SYSTEM)));
        return ListenerFixture.in(folder).users(sources).policy(MailFlowPolicy.of("submission", MailFlowPolicy.Access.RELAY).withIdentity(new Identity(Auth.REQUIRED, false, VerifyClient.OFF))).open();
    }

    private static Client secure(ListenerFixture relay) throws Exception {
        Client client = relay.greeted();
        client.ask("STARTTLS");
        client.startTls();
        client.ask("EHLO client.example.com");
        return client;
    }

    private String token(Instant until) throws Exception {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k1").build(), new JWTClaimsSet.Builder().issuer("https://login.example.com").audience("mailrelay")
                .claim("email", "anna@example.com").expirationTime(Date.from(until)).build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void R_AUTH_1_aTokenIsTakenInBothForms() throws Exception {
        String good = token(Instant.now().plusSeconds(600));
        try (ListenerFixture relay = relay(keys.toUri())) {
            try (Client client = secure(relay)) {
                assertThat(client.ask("EHLO c.example.com")).contains("AUTH OAUTHBEARER XOAUTH2");
                assertThat(client.ask("AUTH OAUTHBEARER " + base64("n,a=anna@example.com,\u0001host=relay.example.net\u0001auth=Bearer " + good + "\u0001\u0001"))).startsWith("235 ");
                assertThat(client.ask("MAIL FROM:<anna@example.com>")).startsWith("250 ");
            }
            try (Client client = secure(relay)) {
                assertThat(client.ask("AUTH XOAUTH2")).isEqualTo("334 ");
                assertThat(client.ask(base64("user=anna@example.com\u0001auth=Bearer " + good + "\u0001\u0001"))).startsWith("235 ");
            }
            assertThat(relay.seen(InjectionEvent.AuthSucceeded.class)).extracting(InjectionEvent.AuthSucceeded::user).containsExactly("anna@example.com", "anna@example.com");
            assertThat(relay.events.toString()).doesNotContain(good);
        }
    }

    @Test
    void R_AUTH_1_aTokenThatDoesNotCountIsToldSoAndThenRefused() throws Exception {
        try (ListenerFixture relay = relay(keys.toUri()); Client client = secure(relay)) {
            String stale = client.ask("AUTH OAUTHBEARER " + base64("n,,\u0001auth=Bearer " + token(Instant.now().minusSeconds(600)) + "\u0001\u0001"));
            assertThat(new String(Base64.getDecoder().decode(stale.substring(4)), StandardCharsets.UTF_8)).contains("invalid_token");
            assertThat(client.ask("AQ==")).startsWith("535 5.7.8 ");
            assertThat(client.ask("AUTH OAUTHBEARER " + base64("y,,\u0001auth=Bearer x\u0001\u0001"))).startsWith("501 5.5.2 ");
            assertThat(client.ask("MAIL FROM:<anna@example.com>")).startsWith("530 5.7.0 ");
        }
    }

    @Test
    void R_AUTH_1_anIssuerThatIsNotReachedIsATemporaryFailureAndNobodysGuess() throws Exception {
        try (ListenerFixture relay = relay(URI.create("https://127.0.0.1:1/keys")); Client client = secure(relay)) {
            for (int i = 0; i < 12; i++) {
                assertThat(client.ask("AUTH OAUTHBEARER " + base64("n,,\u0001auth=Bearer " + token(Instant.now().plusSeconds(600)) + "\u0001\u0001"))).as("try %d", i).startsWith("454 4.7.0 ");
            }
            assertThat(relay.seen(InjectionEvent.AuthFailed.class)).isEmpty();
        }
    }
}
