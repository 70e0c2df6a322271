package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.listener.auth.UserFile;
import org.mailrelay.queue.QueuedMessage;

/// AUTH over sockets (RFC 4954, R-AUTH-1, B-AUTH).
class AuthTest {

    private static final String PLAIN = base64("\0app1\0secret");

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static AuthSources sources;

    @BeforeAll
    static void users() throws Exception {
        Path file = shared.resolve("users");
        UserFile.empty().with("app1", "secret", List.of(), new Random(1)).with("app2", "secret", List.of("@example.com"), new Random(2)).write(file);
        sources = new AuthSources(Optional.of(file), Optional.empty(), Optional.empty());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String challenge) {
        assertThat(challenge).startsWith("334 ");
        return new String(Base64.getDecoder().decode(challenge.substring(4)), StandardCharsets.UTF_8);
    }

    private ListenerFixture relay(Auth auth, boolean inTheClear) throws IOException {
        return ListenerFixture.in(folder).users(sources)
                .policy(MailFlowPolicy.of("submission", MailFlowPolicy.Access.RELAY).withIdentity(new Identity(auth, inTheClear, VerifyClient.OFF))).open();
    }

    private static Client secure(ListenerFixture relay) throws Exception {
        Client client = relay.greeted();
        client.ask("STARTTLS");
        client.startTls();
        client.ask("EHLO client.example.com");
        return client;
    }

    /// Some clients send both lines of LOGIN whatever AUTH is answered.
    @Test
    void B_AUTH_whatFollowsAnAuthThatWasRefusedIsNotLogged() throws Exception {
        try (ListenerFixture relay = relay(Auth.OFF, false); Client client = relay.greeted()) {
            assertThat(client.ask("AUTH LOGIN")).startsWith("502 ");
            assertThat(client.ask(base64("app1"))).startsWith("500 ");
            assertThat(client.ask(base64("secret"))).startsWith("500 ");
            client.send(base64("secret") + "\n");
            assertThat(client.reply()).startsWith("500 ");
            assertThat(client.ask("NOOP")).startsWith("250 ");
            client.ask("FOO");
            assertThat(relay.seen(InjectionEvent.UnknownCommand.class)).extracting(InjectionEvent.UnknownCommand::command).containsExactly("(hidden)", "(hidden)", "FOO");
            assertThat(relay.seen(InjectionEvent.BadSyntax.class)).extracting(InjectionEvent.BadSyntax::command).containsExactly("(hidden)");
        }
    }

    @Test
    void R_AUTH_1_offeredInsideTlsOnlyAndNeverAfterSuccess() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, false); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO client.example.com")).doesNotContain("AUTH");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).isEqualTo("538 5.7.11 encryption required for this mechanism");
            client.ask("STARTTLS");
            client.startTls();
            assertThat(client.ask("EHLO client.example.com")).contains("\n250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("530 5.7.0 authentication required");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).isEqualTo("235 2.7.0 authentication succeeded");
            assertThat(client.ask("EHLO client.example.com")).doesNotContain("AUTH");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).startsWith("503 5.5.1 ");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).startsWith("503 5.5.1 ");
            client.ask("RCPT TO:<b@example.org>");
            client.ask("DATA");
            assertThat(client.ask("x\r\n.")).startsWith("250 2.0.0 ok: Message ");
            QueuedMessage message = relay.nextQueued();
            assertThat(new String(message.prologue(), StandardCharsets.US_ASCII)).contains(" with ESMTPSA id ");
            assertThat(message.origin().injection().user()).contains("app1");
            assertThat(relay.seen(InjectionEvent.AuthSucceeded.class)).singleElement().satisfies(seen -> assertThat(seen.user()).isEqualTo("app1"));
        }
    }

    /// The moment at which a listener is bound is the first at which a client can come.
    @Test
    void R_AUTH_1_theFirstClientOfAllIsOfferedIt() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        Identity clear = new Identity(Auth.REQUIRED, true, VerifyClient.OFF);
        try (ListenerFixture relay = ListenerFixture.in(folder).users(sources).policy(ListenerFixture.relaying().withIdentity(clear)).watcher(event -> {
            if (event instanceof SystemEvent.ListenerBound bound) {
                int port = Integer.parseInt(bound.address().substring(bound.address().lastIndexOf(':') + 1));
                try (Client first = new Client(new InetSocketAddress("127.0.0.1", port))) {
                    first.reply();
                    said.add(first.ask("EHLO first.example.com"));
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            }
        }).open()) {
            assertThat(said).singleElement().asString().contains("AUTH SCRAM-SHA-256 PLAIN LOGIN");
            assertThat(relay.address()).isNotNull();
        }
    }

    @Test
    void R_AUTH_1_inTheClearWhereThePolicySaysSo() throws Exception {
        try (ListenerFixture relay = relay(Auth.PREFERRED, true); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO client.example.com")).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).startsWith("235 ");
        }
    }

    @Test
    void R_SSTLS_5_B_STLS_8_whoAuthenticatedInTheClearIsNobodyInsideTls() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, true); Client client = relay.greeted()) {
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).startsWith("235 ");
            client.ask("STARTTLS");
            client.startTls();
            client.ask("EHLO client.example.com");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).startsWith("530 5.7.0 ");
        }
    }

    @Test
    void everyMechanismOverTheWire() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, false)) {
            try (Client client = secure(relay)) {
                assertThat(client.ask("AUTH PLAIN")).isEqualTo("334 ");
                assertThat(client.ask(PLAIN)).startsWith("235 ");
            }
            try (Client client = secure(relay)) {
                assertThat(decoded(client.ask("AUTH LOGIN"))).isEqualTo("Username:");
                assertThat(decoded(client.ask(base64("app1")))).isEqualTo("Password:");
                assertThat(client.ask(base64("secret"))).startsWith("235 ");
            }
            try (Client client = secure(relay)) {
                ScramClient scram = new ScramClient("app1", "secret", "n,,", new byte[0]);
                String first = decoded(client.ask("AUTH SCRAM-SHA-256 " + base64(scram.first())));
                assertThat(decoded(client.ask(base64(scram.last(first))))).isEqualTo(scram.expected());
                assertThat(client.ask("")).startsWith("235 ");
            }
            try (Client client = secure(relay)) {
                byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(client.tls().getPeerCertificates()[0].getEncoded());
                ScramClient scram = new ScramClient("app1", "secret", "p=tls-server-end-point,,", hash);
                String first = decoded(client.ask("AUTH SCRAM-SHA-256-PLUS " + base64(scram.first())));
                assertThat(decoded(client.ask(base64(scram.last(first))))).isEqualTo(scram.expected());
                assertThat(client.ask("=")).startsWith("235 ");
            }
        }
    }

    /// RFC 5056 §2: somebody in the middle has another certificate, or takes the mechanism out of the list.
    @Test
    void B_AUTH_whoStandsBetweenCannotPassAScramExchangeOn() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, false); Client client = secure(relay)) {
            ScramClient between = new ScramClient("app1", "secret", "p=tls-server-end-point,,", new byte[32]);
            String first = decoded(client.ask("AUTH SCRAM-SHA-256-PLUS " + base64(between.first())));
            assertThat(client.ask(base64(between.last(first)))).startsWith("535 5.7.8 ");
            ScramClient misled = new ScramClient("app1", "secret", "y,,", new byte[0]);
            assertThat(client.ask("AUTH SCRAM-SHA-256 " + base64(misled.first()))).as("it was told that we cannot bind").startsWith("5");
        }
    }

    @Test
    void R_AUTH_1_cancelBadBase64UnknownMechanismAndNothingIsSwallowed() throws Exception {
        try (ListenerFixture relay = relay(Auth.PREFERRED, false); Client client = secure(relay)) {
            assertThat(client.ask("AUTH CRAM-MD5")).isEqualTo("504 5.5.4 mechanism not offered");
            client.ask("AUTH LOGIN");
            assertThat(client.ask("*")).startsWith("501 ");
            assertThat(client.ask("NOOP")).startsWith("250 ");
            client.ask("AUTH PLAIN");
            assertThat(client.ask("!!!not base64")).startsWith("501 5.5.2 ");
            assertThat(client.ask("NOOP")).startsWith("250 ");
            assertThat(client.ask("AUTH PLAIN %%%")).startsWith("501 5.5.2 ");
            assertThat(client.ask("AUTH PLAIN " + base64("user only"))).startsWith("501 5.5.2 ");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).startsWith("235 ");
        }
    }

    @Test
    void B_STATE_f_authInATransactionIsRefusedAndTheTransactionStays() throws Exception {
        try (ListenerFixture relay = relay(Auth.PREFERRED, false); Client client = secure(relay)) {
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("AUTH PLAIN " + PLAIN)).startsWith("503 5.5.1 ");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
        }
    }

    @Test
    void B_AUTH_anUnknownUserGetsTheSameWordsAndGuessingEndsTheSession() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, false); Client client = secure(relay)) {
            String wrong = client.ask("AUTH PLAIN " + base64("\0app1\0guess"));
            assertThat(wrong).isEqualTo("535 5.7.8 authentication failed");
            assertThat(client.ask("AUTH PLAIN " + base64("\0nobody\0guess"))).isEqualTo(wrong);
            client.ask("AUTH PLAIN " + base64("\0app1\0guess2"));
            client.ask("AUTH PLAIN " + base64("\0app1\0guess3"));
            assertThat(client.ask("AUTH PLAIN " + base64("\0app1\0guess4"))).isEqualTo("421 4.7.0 too many errors");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void B_AUTH_anAddressThatGuessesIsNotHeardForAWhile() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, false)) {
            for (int session = 0; session < 3; session++) {
                try (Client client = secure(relay)) {
                    for (int i = 0; i < 4; i++) {
                        client.ask("AUTH PLAIN " + base64("\0app" + i + "\0guess"));
                    }
                }
            }
            try (Client client = secure(relay)) {
                assertThat(client.ask("AUTH PLAIN " + PLAIN)).isEqualTo("454 4.7.0 too many failed authentications, try again later");
            }
        }
    }

    @Test
    void B_AUTH_noSecretReachesAnEvent() throws Exception {
        try (ListenerFixture relay = relay(Auth.PREFERRED, false); Client client = secure(relay); Client clear = relay.greeted()) {
            client.ask("AUTH PLAIN " + PLAIN);
            client.send("AUTH PLAIN " + PLAIN + "\n");
            client.reply();
            client.ask("AUTH PLAIN " + PLAIN + "\0");
            clear.ask("AUTH LOGIN " + base64("app1"));
            clear.ask(base64("secret"));
            assertThat(relay.events).extracting(MailEvent::toString).noneMatch(text -> text.contains(PLAIN) || text.contains(base64("secret")) || text.contains("secret"));
        }
    }

    @Test
    void R_AUTH_1_aLineBeyondTheLimitEndsTheSessionAndALongTokenDoesNot() throws Exception {
        try (ListenerFixture relay = relay(Auth.PREFERRED, false)) {
            try (Client client = secure(relay)) {
                assertThat(client.ask("AUTH PLAIN " + "A".repeat(8_000))).startsWith("501 ");
                assertThat(client.ask("NOOP")).startsWith("250 ");
            }
            try (Client client = secure(relay)) {
                client.ask("AUTH PLAIN");
                client.send("A".repeat(13_000));
                assertThat(client.reply()).isEqualTo("500 5.5.6 authentication exchange line is too long");
                assertThat(client.closed()).isTrue();
            }
        }
    }

    @Test
    void aUserSendsAsWhatTheUserMayAndTheNullSenderIsEverybodys() throws Exception {
        try (ListenerFixture relay = relay(Auth.REQUIRED, false); Client client = secure(relay)) {
            client.ask("AUTH PLAIN " + base64("\0app2\0secret"));
            assertThat(client.ask("MAIL FROM:<a@example.org>")).isEqualTo("550 5.7.1 sender address not allowed here");
            assertThat(client.ask("MAIL FROM:<a@sub.example.com>")).startsWith("550 ");
            assertThat(client.ask("MAIL FROM:<a@EXAMPLE.com>")).startsWith("250 ");
            client.ask("RSET");
            assertThat(client.ask("MAIL FROM:<>")).startsWith("250 ");
        }
    }

    @Test
    void whereAcceptIsAllThereIsOnlyTheAuthenticatedRelay() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).users(sources)
                .policy(MailFlowPolicy.of("guests", MailFlowPolicy.Access.ACCEPT).withIdentity(new Identity(Auth.PREFERRED, false, VerifyClient.OFF))).open(); Client client = secure(relay)) {
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<b@example.org>")).isEqualTo("550 5.7.1 relaying denied");
            client.ask("RSET");
            assertThat(client.ask("AUTH PLAIN " + base64("\0app1\0no"))).startsWith("535 ");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<b@example.org>")).as("B-RELAY: AUTH that failed gives nothing").isEqualTo("550 5.7.1 relaying denied");
            client.ask("RSET");
            client.ask("AUTH PLAIN " + PLAIN);
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AUTH PLAIN AAAA\r\nNOOP\r\n"})
    void R_AUTH_1_nothingMayStandBehindAuthInAGroupWherePipeliningIsStrict(String group) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).users(sources).policy(MailFlowPolicy.of("guests", MailFlowPolicy.Access.ACCEPT)
                .withIdentity(new Identity(Auth.PREFERRED, false, VerifyClient.OFF))).open(); Client client = secure(relay)) {
            client.send(group);
            assertThat(client.reply()).isEqualTo("554 5.5.0 protocol synchronisation error");
        }
    }
}
