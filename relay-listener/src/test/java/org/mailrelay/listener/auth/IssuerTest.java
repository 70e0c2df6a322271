package org.mailrelay.listener.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.TokenAnswer;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.testkit.tls.TestCa;

/// Keys of an issuer behind https: kept, changed, and not to be had.
class IssuerTest {

    private static final TokenAnswer ANNA = new TokenAnswer.Of("anna@example.com");
    private static final TokenAnswer WRONG = new TokenAnswer.Wrong();
    private static final TokenAnswer UNAVAILABLE = new TokenAnswer.Unavailable();
    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    Path folder;
    private HttpsServer https;
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch patience = new CountDownLatch(1);
    private volatile String answer = "";
    private volatile boolean silent;

    @BeforeEach
    void start() throws Exception {
        TestCa.Identity host = CA.good("localhost");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("host", host.key(), new char[0], host.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        https.setHttpsConfigurator(new HttpsConfigurator(context));
        https.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        https.createContext("/", exchange -> {
            asked.incrementAndGet();
            byte[] body = answer.getBytes(StandardCharsets.US_ASCII);
            if (silent) {
                try {
                    patience.await();
                } catch (InterruptedException over) {
                    Thread.currentThread().interrupt();
                }
            }
            exchange.sendResponseHeaders(body.length == 0 ? 503 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        https.start();
    }

    @AfterEach
    void stop() {
        patience.countDown();
        https.stop(0);
    }

    private TokenAuthority authority(Duration between, Trust trust) throws Exception {
        URI where = URI.create("https://localhost:" + https.getAddress().getPort() + "/keys");
        return new TokenAuthority(new AuthSources.Issuer(where, "https://login.example.com", "mailrelay", "email", trust), Duration.ofMillis(500), between);
    }

    private Trust own() {
        return new Trust(false, List.of(CA.write(folder)));
    }

    private static ECKey key(String id) throws Exception {
        return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    }

    private void publish(ECKey... keys) {
        answer = new JWKSet(List.of(keys).stream().map(ECKey::toPublicJWK).map(JWK.class::cast).toList()).toString();
    }

    private static String token(ECKey key) throws Exception {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), new JWTClaimsSet.Builder().issuer("https://login.example.com")
                .audience("mailrelay").claim("email", "anna@example.com").expirationTime(Date.from(Instant.now().plusSeconds(600))).build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    @Test
    void keysAreAskedForOnceAndAgainWhenATokenNamesANewOne() throws Exception {
        ECKey first = key("k1");
        ECKey second = key("k2");
        publish(first);
        TokenAuthority authority = authority(Duration.ofMillis(1), own());
        for (int i = 0; i < 5; i++) {
            assertThat(authority.token("", token(first))).isEqualTo(ANNA);
        }
        assertThat(asked.get()).isEqualTo(1);
        publish(first, second);
        assertThat(authority.token("", token(second))).as("rotated").isEqualTo(ANNA);
        assertThat(asked.get()).isEqualTo(2);
        publish(second);
        assertThat(authority.token("", token(key("k3")))).as("a key that the issuer does not have").isEqualTo(WRONG);
        assertThat(authority.token("", token(first))).as("taken back").isEqualTo(WRONG);
        assertThat(authority.token("", token(second))).isEqualTo(ANNA);
    }

    @Test
    void whoNamesKeysThatAreNotThereDoesNotMakeUsAskWithoutEnd() throws Exception {
        ECKey good = key("k1");
        publish(good);
        TokenAuthority authority = authority(Duration.ofMinutes(4), own());
        assertThat(authority.token("", token(good))).isEqualTo(ANNA);
        for (int i = 0; i < 20; i++) {
            assertThat(authority.token("", token(key("made-up-" + i)))).isIn(WRONG, UNAVAILABLE);
        }
        assertThat(asked.get()).isLessThanOrEqualTo(3);
        assertThat(authority.token("", token(good))).isEqualTo(ANNA);
    }

    @Test
    void anIssuerThatIsNotReachedRefutesNobodyAndKnownKeysGoOnCounting() throws Exception {
        ECKey good = key("k1");
        TokenAuthority authority = authority(Duration.ofMillis(1), own());
        assertThat(authority.token("", token(good))).as("503").isEqualTo(UNAVAILABLE);
        publish(good);
        assertThat(authority.token("", token(good))).isEqualTo(ANNA);
        https.stop(0);
        assertThat(authority.token("", token(good))).as("from memory").isEqualTo(ANNA);
        assertThat(authority.token("", token(key("k2")))).as("the issuer may have it by now, who knows").isIn(UNAVAILABLE, WRONG);
    }

    @Test
    void aSilentIssuerAKeySetWithoutEndAndNonsenseAreBounded() throws Exception {
        ECKey good = key("k1");
        silent = true;
        Instant before = Instant.now();
        assertThat(authority(Duration.ofMillis(1), own()).token("", token(good))).isEqualTo(UNAVAILABLE);
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(10));
        silent = false;
        answer = "{\"keys\":[" + " ".repeat(300_000) + "]}";
        assertThat(authority(Duration.ofMillis(1), own()).token("", token(good))).isEqualTo(UNAVAILABLE);
        answer = "no keys";
        assertThat(authority(Duration.ofMillis(1), own()).token("", token(good))).isEqualTo(UNAVAILABLE);
    }

    @Test
    void keysOfAHostThatNobodyVouchesForAreNotTaken() throws Exception {
        ECKey good = key("k1");
        publish(good);
        assertThat(authority(Duration.ofMillis(1), Trust.SYSTEM).token("", token(good))).isEqualTo(UNAVAILABLE);
        assertThat(asked.get()).isZero();
    }
}
