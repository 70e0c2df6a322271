package org.mailrelay.listener.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.auth.Authority.Answer;
import org.mailrelay.core.auth.ChannelBinding;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.SaslStep;
import org.mailrelay.core.auth.TokenAnswer;
import org.mailrelay.core.mail.AuthIdentity;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.testkit.tls.TestCa;

class AuthoritiesTest {

    private static final TokenAnswer WRONG = new TokenAnswer.Wrong();

    @TempDir
    Path folder;

    private Path users() throws IOException {
        Path file = folder.resolve("users");
        UserFile.empty().with("app1", "s\u00e9cret", List.of("@example.com"), new Random(1)).with("app2", "other", List.of(), new Random(2)).write(file);
        return file;
    }

    @Test
    void theFileHoldsHashesAndKeysAndIsItsOwnersAlone() throws Exception {
        Path file = users();
        assertThat(file).content().doesNotContain("s\u00e9cret").doesNotContain("other").contains("app1 $argon2id$v=19$m=19456,t=2,p=1$").contains(" senders=@example.com");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        UserFile read = UserFile.read(file);
        assertThat(read.names()).containsExactly("app1", "app2");
        assertThat(read.without("app1").names()).containsExactly("app2");
    }

    @Test
    void theFileKnowsItsUsersHoweverTheAccentWasTyped() throws Exception {
        FileAuthority authority = new FileAuthority(users());
        assertThat(authority.password("app1", "s\u00e9cret")).isEqualTo(Answer.RIGHT);
        assertThat(authority.password("app1", "se\u0301cret")).isEqualTo(Answer.RIGHT);
        assertThat(authority.password("app1", "secret")).isEqualTo(Answer.WRONG);
        assertThat(authority.password("nobody", "nobody's")).isEqualTo(Answer.WRONG);
        assertThat(authority.scram("nobody").salt()).isEqualTo(authority.scram("nobody").salt()).isNotEqualTo(authority.scram("somebody").salt());
    }

    @Test
    void aChangedFileIsReadAgainAndABrokenOneRefutesNobody() throws Exception {
        Path file = users();
        FileAuthority authority = new FileAuthority(file);
        assertThat(authority.password("app2", "other")).isEqualTo(Answer.RIGHT);
        UserFile.read(file).without("app2").write(file);
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(authority.password("app2", "other")).isEqualTo(Answer.WRONG);
        Files.writeString(file, "app2 nonsense\n");
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(10)));
        assertThat(authority.password("app1", "s\u00e9cret")).isEqualTo(Answer.UNAVAILABLE);
        assertThatThrownBy(() -> UserFile.read(file)).isInstanceOf(IOException.class).hasMessageContaining("users:1: expected").hasMessageNotContaining("nonsense");
    }

    @Test
    void aDirectoryIsAskedByBinding() throws Exception {
        InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
        config.setListenerConfigs(InMemoryListenerConfig.createLDAPConfig("test", InetAddress.getLoopbackAddress(), 0, null));
        config.addAdditionalBindCredentials("cn=relay", "bindpw");
        InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
        server.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
        server.add("dn: uid=anna,dc=example,dc=com", "objectClass: inetOrgPerson", "uid: anna", "cn: Anna", "sn: A", "userPassword: right");
        server.startListening();
        try {
            LdapAuthority directory = new LdapAuthority(new AuthSources.Directory(URI.create("ldap://127.0.0.1:" + server.getListenPort()), Optional.of("cn=relay"),
                    new AuthIdentity.Secret("bindpw"), "dc=example,dc=com", "(uid=%u)", Duration.ofSeconds(5)));
            assertThat(directory.password("anna", "right")).isEqualTo(Answer.RIGHT);
            assertThat(directory.password("anna", "wrong")).isEqualTo(Answer.WRONG);
            assertThat(directory.password("anna", "")).as("an anonymous bind succeeds and proves nothing").isEqualTo(Answer.WRONG);
            assertThat(directory.password("nobody", "right")).isEqualTo(Answer.WRONG);
            assertThat(directory.password("an*", "right")).as("a name is no filter").isEqualTo(Answer.WRONG);
            assertThat(directory.password("anna)(|(uid=*)", "right")).isEqualTo(Answer.WRONG);
            server.add("dn: ou=elsewhere,dc=example,dc=com", "objectClass: referral", "objectClass: extensibleObject", "ou: elsewhere", "ref: ldap://other.example/ou=elsewhere,dc=example,dc=com");
            assertThat(directory.password("anna", "right")).as("with a referral behind what was found").isEqualTo(Answer.RIGHT);
            assertThat(directory.password("nobody", "right")).as("with a referral alone").isEqualTo(Answer.WRONG);
        } finally {
            server.shutDown(true);
        }
        LdapAuthority gone = new LdapAuthority(new AuthSources.Directory(URI.create("ldap://127.0.0.1:1"), Optional.empty(), new AuthIdentity.Secret(""), "dc=x", "(uid=%u)", Duration.ofSeconds(1)));
        assertThat(gone.password("anna", "right")).isEqualTo(Answer.UNAVAILABLE);
    }

    @Test
    void aDirectoryWithACertificateOfTheOrganisationsOwnIsTrustedWhereTheSettingSaysSo() throws Exception {
        TestCa authority = new TestCa(Instant.now());
        TestCa.Identity own = authority.good("localhost");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("ldap", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
        config.setListenerConfigs(InMemoryListenerConfig.createLDAPSConfig("test", InetAddress.getLoopbackAddress(), 0, tls.getServerSocketFactory(), null));
        InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
        server.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
        server.add("dn: uid=anna,dc=example,dc=com", "objectClass: inetOrgPerson", "uid: anna", "cn: Anna", "sn: A", "userPassword: right");
        server.startListening();
        try {
            Trust ours = new Trust(false, List.of(authority.write(folder)));
            for (String[] asked : new String[][] {{"localhost", "ours", "RIGHT"}, {"localhost", "system", "UNAVAILABLE"}, {"127.0.0.1", "ours", "UNAVAILABLE"}}) {
                LdapAuthority directory = new LdapAuthority(new AuthSources.Directory(URI.create("ldaps://" + asked[0] + ":" + server.getListenPort()), Optional.empty(),
                        new AuthIdentity.Secret(""), "dc=example,dc=com", "(uid=%u)", Duration.ofSeconds(5), asked[1].equals("ours") ? ours : Trust.SYSTEM));
                assertThat(directory.password("anna", "right")).as(String.join(" ", asked)).isEqualTo(Answer.valueOf(asked[2]));
            }
            Path changing = Files.copy(new TestCa(Instant.now()).write(Files.createDirectory(folder.resolve("other"))), folder.resolve("changing.pem"));
            AuthSources sources = new AuthSources(Optional.empty(), Optional.of(new AuthSources.Directory(URI.create("ldaps://localhost:" + server.getListenPort()), Optional.empty(),
                    new AuthIdentity.Secret(""), "dc=example,dc=com", "(uid=%u)", Duration.ofSeconds(5), new Trust(false, List.of(changing)))), Optional.empty());
            Authentication authentication = new Authentication(InstantSource.system());
            authentication.use(sources);
            assertThat(plain(authentication)).isInstanceOf(SaslStep.Unavailable.class);
            Files.copy(authority.write(folder), changing, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(changing, FileTime.from(Instant.EPOCH));
            authentication.use(sources);
            assertThat(plain(authentication)).as("the authority's file has changed").isEqualTo(new SaslStep.Proven("anna"));
        } finally {
            server.shutDown(true);
        }
    }

    private static SaslStep plain(Authentication authentication) throws Exception {
        CompletableFuture<SaslStep> step = new CompletableFuture<>();
        authentication.step(authentication.begin(Mechanism.PLAIN, ChannelBinding.NONE), "\0anna\0right".getBytes(StandardCharsets.UTF_8), InetAddress.getLoopbackAddress(), (came, _) -> step.complete(came));
        return step.get(20, TimeUnit.SECONDS);
    }

    /// Whoever is in the file is not to wait for it.
    @Test
    void B_AUTH_aDirectoryThatIsSilentIsAskedBySoManyAtOnceAndNoMore() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            LdapAuthority directory = new LdapAuthority(new AuthSources.Directory(URI.create("ldap://127.0.0.1:" + silent.getLocalPort()), Optional.empty(), new AuthIdentity.Secret(""),
                    "dc=x", "(uid=%u)", Duration.ofSeconds(3)), 1);
            CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> directory.password("anna", "right"));
            try (Socket asked = silent.accept()) {
                assertThat(directory.password("anna", "right")).isEqualTo(Answer.UNAVAILABLE);
                assertThat(first).as("the first still waits").isNotDone();
                assertThat(asked.isConnected()).isTrue();
            }
            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(Answer.UNAVAILABLE);
            CompletableFuture<Answer> second = CompletableFuture.supplyAsync(() -> directory.password("anna", "right"));
            silent.accept().close();
            assertThat(second.get(20, TimeUnit.SECONDS)).as("its place is free again").isEqualTo(Answer.UNAVAILABLE);
        }
    }

    @Test
    void aTokenCountsWhenItIsSignedForUsAndInTime() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        ECKey foreign = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        Path keys = folder.resolve("keys.json");
        Files.writeString(keys, new JWKSet(key.toPublicJWK()).toString());
        TokenAuthority issuer = new TokenAuthority(new AuthSources.Issuer(keys.toUri(), "https://login.example.com", "mailrelay", "email", Trust.SYSTEM));
        JWTClaimsSet.Builder good = new JWTClaimsSet.Builder().issuer("https://login.example.com").audience("mailrelay").claim("email", "anna@example.com")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)));
        assertThat(issuer.token("", signed(key, good.build()))).isEqualTo(new TokenAnswer.Of("anna@example.com"));
        for (String type : List.of("JWT", "at+jwt")) {
            SignedJWT typed = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).type(new JOSEObjectType(type)).keyID("k1").build(), good.build());
            typed.sign(new ECDSASigner(key));
            assertThat(issuer.token("", typed.serialize())).as(type).isEqualTo(new TokenAnswer.Of("anna@example.com"));
        }
        SignedJWT other = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).type(new JOSEObjectType("secevent+jwt")).keyID("k1").build(), good.build());
        other.sign(new ECDSASigner(key));
        assertThat(issuer.token("", other.serialize())).as("a token for something else (RFC 8725 §3.11)").isEqualTo(WRONG);
        assertThat(issuer.token("anna@example.com", signed(key, good.build()))).isEqualTo(new TokenAnswer.Of("anna@example.com"));
        assertThat(issuer.token("bob@example.com", signed(key, good.build()))).isEqualTo(WRONG);
        assertThat(issuer.token("", signed(foreign, good.build()))).isEqualTo(WRONG);
        assertThat(issuer.token("", signed(key, new JWTClaimsSet.Builder(good.build()).audience("other").build()))).isEqualTo(WRONG);
        assertThat(issuer.token("", signed(key, new JWTClaimsSet.Builder(good.build()).issuer("https://evil.example").build()))).isEqualTo(WRONG);
        assertThat(issuer.token("", signed(key, new JWTClaimsSet.Builder(good.build()).expirationTime(Date.from(Instant.now().minusSeconds(600))).build()))).isEqualTo(WRONG);
        assertThat(issuer.token("", signed(key, new JWTClaimsSet.Builder(good.build()).expirationTime(null).build()))).as("a token without end").isEqualTo(WRONG);
        assertThat(issuer.token("", new PlainJWT(good.build()).serialize())).as("alg none").isEqualTo(WRONG);
        SignedJWT shared = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), good.build());
        shared.sign(new MACSigner(java.util.Arrays.copyOf(Files.readAllBytes(keys), 64)));
        assertThat(issuer.token("", shared.serialize())).as("signed with the public key as a secret").isEqualTo(WRONG);
        assertThat(issuer.token("", "no.token.at-all")).isEqualTo(WRONG);
    }

    /// Issuers change their keys, and nobody should have to restart a relay for it.
    @Test
    void aFileOfKeysThatChangesIsReadAgainAndABrokenOneIsNoWrongToken() throws Exception {
        ECKey first = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        ECKey second = new ECKeyGenerator(Curve.P_256).keyID("k2").generate();
        JWTClaimsSet good = new JWTClaimsSet.Builder().issuer("https://login.example.com").audience("mailrelay").claim("email", "anna@example.com")
                .expirationTime(Date.from(Instant.now().plusSeconds(60))).build();
        Path keys = folder.resolve("keys.json");
        Files.writeString(keys, new JWKSet(first.toPublicJWK()).toString());
        TokenAuthority issuer = new TokenAuthority(new AuthSources.Issuer(keys.toUri(), "https://login.example.com", "mailrelay", "email", Trust.SYSTEM));
        assertThat(issuer.token("", signed(second, good))).isEqualTo(WRONG);
        Files.writeString(keys, "{\"keys\": [");
        Files.setLastModifiedTime(keys, FileTime.from(Instant.EPOCH));
        assertThat(issuer.token("", signed(first, good))).isEqualTo(new TokenAnswer.Unavailable());
        Files.writeString(keys, new JWKSet(second.toPublicJWK()).toString());
        assertThat(issuer.token("", signed(second, good))).isEqualTo(new TokenAnswer.Of("anna@example.com"));
        assertThat(issuer.token("", signed(first, good))).isEqualTo(WRONG);
    }

    private static String signed(ECKey key, JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    @Test
    void guessesOfAnAddressANetworkAndAUserHaveLimitsThatTimeLifts() throws Exception {
        Guesses guesses = new Guesses();
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        InetAddress one = InetAddress.getByName("192.0.2.1");
        for (int i = 0; i < 10; i++) {
            assertThat(guesses.tooMany(one, now)).isFalse();
            guesses.failed(one, "user" + i, now);
        }
        assertThat(guesses.tooMany(one, now)).isTrue();
        assertThat(guesses.tooMany(one, "bob", now)).as("a right guess that began before the others failed").isTrue();
        guesses.succeeded(one, "bob");
        assertThat(guesses.tooMany(one, "bob", now)).as("where bob has logged in before").isFalse();
        assertThat(guesses.tooMany(InetAddress.getByName("192.0.2.2"), now)).isFalse();
        assertThat(guesses.tooMany(one, now.plus(Duration.ofMinutes(2)))).isFalse();
        for (int i = 0; i < 40; i++) {
            guesses.failed(InetAddress.getByName("192.0.2." + (10 + i)), "anna", now);
        }
        assertThat(guesses.tooMany(InetAddress.getByName("192.0.2.200"), now)).as("the network").isTrue();
        assertThat(guesses.tooMany(InetAddress.getByName("198.51.100.1"), now)).isFalse();
        assertThat(guesses.tooMany(InetAddress.getByName("198.51.100.1"), "anna", now)).as("the user").isTrue();
        guesses.succeeded(InetAddress.getByName("198.51.100.7"), "anna");
        assertThat(guesses.tooMany(InetAddress.getByName("198.51.100.7"), "anna", now)).as("where anna has logged in before").isFalse();
    }
}
