package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;

/// STARTTLS and implicit TLS as a server (RFC 3207, RFC 8314), and what attackers do with them (B-STLS 7 to 10).
class StartTlsTest {

    @TempDir
    Path folder;

    private ListenerFixture relay() throws IOException {
        return ListenerFixture.in(folder).open();
    }

    private static MailFlowPolicy tls(MailFlowPolicy.InboundTls level) {
        return ListenerFixture.relaying().withTls(level);
    }

    @Test
    void R_SSTLS_1_noParameterNoSecondTimeAndNothingWhereThereIsNoCertificate() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            assertThat(client.ask("STARTTLS x")).startsWith("501 5.5.4 ");
            assertThat(client.ask("STARTTLS")).startsWith("220 2.0.0 ");
            client.startTls();
            assertThat(client.ask("EHLO c.example.com")).doesNotContain("STARTTLS");
            assertThat(client.ask("STARTTLS")).startsWith("503 5.5.1 ");
        }
        try (ListenerFixture relay = ListenerFixture.in(folder.resolve("none").toFile().mkdir() ? folder.resolve("none") : folder).withoutTls().open();
                Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO c.example.com")).doesNotContain("STARTTLS");
            assertThat(client.ask("STARTTLS")).startsWith("502 5.5.1 ");
        }
    }

    @Test
    void R_SSTLS_1_aPolicyWithoutTlsOffersNone() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(tls(MailFlowPolicy.InboundTls.OFF)).open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO c.example.com")).doesNotContain("STARTTLS");
            assertThat(client.ask("STARTTLS")).startsWith("502 5.5.1 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL FROM:<evil@example.com>\r\n", "E", "\r\n", "\u0000", "\u0016\u0003\u0001\u0000\u00ff"})
    void R_SSTLS_2_anyOctetBehindStartTlsEndsTheConnection(String behind) throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.send("STARTTLS\r\n" + behind);
            assertThat(client.reply()).isEqualTo("554 5.5.0 protocol synchronisation error");
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(MessageEvent.Started.class)).isEmpty();
        }
    }

    @Test
    void R_SSTLS_3_B_STLS_8_nothingSaidBeforeTheHandshakeSurvivesIt() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.ask("MAIL FROM:<evil@example.com>");
            client.ask("RCPT TO:<b@example.org>");
            client.ask("RSET");
            client.ask("STARTTLS");
            client.startTls();
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("503 ");
            assertThat(client.ask("DATA")).startsWith("503 ");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("503 5.5.1 EHLO first");
            client.ask("EHLO inside.example.com");
            client.ask("MAIL FROM:<a@example.com>");
            client.ask("RCPT TO:<b@example.org>");
            client.ask("DATA");
            client.ask("x\r\n.");
            assertThat(new String(relay.nextQueued().prologue(), java.nio.charset.StandardCharsets.US_ASCII)).contains("from inside.example.com ").contains(" with ESMTPS ");
        }
    }

    @Test
    void R_SSTLS_6_whereTlsIsRequiredOnlyFourCommandsPassBeforeIt() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(tls(MailFlowPolicy.InboundTls.REQUIRED)).open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO c.example.com")).startsWith("250-");
            assertThat(client.ask("NOOP")).startsWith("250 ");
            for (String command : new String[] {"MAIL FROM:<a@example.com>", "RCPT TO:<b@example.org>", "DATA", "RSET", "VRFY x", "HELO c.example.com"}) {
                assertThat(client.ask(command)).as(command).startsWith("530 5.7.0 ");
            }
            client.ask("STARTTLS");
            client.startTls();
            client.ask("EHLO c.example.com");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).startsWith("250 ");
        }
    }

    @Test
    void R_SSTLS_7_afterABrokenHandshakeThereIsNoWordInTheClear() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.ask("STARTTLS");
            client.send("EHLO this is no handshake at all\r\n");
            String last = client.oneRead();
            assertThat(last.isEmpty() || last.charAt(0) == 21).as("a TLS alert or nothing: %s", last).isTrue();
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(InjectionEvent.TlsFailed.class)).hasSize(1);
        }
    }

    @Test
    void R_SSTLS_7_aHandshakeThatNeverComesEndsTheConnection() throws Exception {
        SessionLimits hasty = new SessionLimits(Duration.ZERO, Duration.ofMillis(200), Duration.ofHours(1), 100, Duration.ofHours(1), Duration.ofSeconds(2));
        try (ListenerFixture relay = ListenerFixture.in(folder).limits(hasty).open(); Client client = relay.greeted()) {
            client.ask("STARTTLS");
            client.send("\u0016\u0003\u0001");
            assertThat(client.closed()).isTrue();
            // The limit's timer starts a moment before the clock that tells how long the handshake took.
            assertThat(relay.seen(InjectionEvent.TlsFailed.class)).singleElement().satisfies(seen -> assertThat(seen.took()).isBetween(hasty.handshake().dividedBy(2), Duration.ofSeconds(30)));
        }
    }

    /// What it announces would be set aside for it at once.
    @Test
    void B_DOS_aClientHelloThatIsLongerThanAnyEndsTheConnectionBeforeItHasCome() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.ask("STARTTLS");
            client.send("\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u00ff\u00f0\u0003");
            String last = client.oneRead();
            assertThat(last.isEmpty() || last.charAt(0) == 21).as("a TLS alert or nothing: %s", last).isTrue();
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void whoLeavesInTheHandshakeIsToldOfInWords() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (ListenerFixture relay = ListenerFixture.in(folder).watcher(event -> {
            if (event instanceof InjectionEvent.TlsFailed) {
                told.countDown();
            }
        }).open()) {
            try (Client client = relay.greeted()) {
                client.ask("STARTTLS");
            }
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(relay.seen(InjectionEvent.TlsFailed.class)).singleElement().satisfies(seen -> assertThat(seen.toString()).contains("the connection was closed"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2", "http/1.1", "ftp", "imap"})
    void R_SSTLS_8_B_STLS_9_aClientOfAnotherProtocolIsTurnedAway(String protocol) throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.ask("STARTTLS");
            assertThatThrownBy(() -> client.startTls(Client.context(), protocol)).isInstanceOf(SSLException.class).hasMessageContaining("no_application_protocol");
        }
    }

    @Test
    void R_SSTLS_8_onImplicitTlsToo() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).implicitTls().open(); Client http = relay.connect(); Client smtp = relay.connect()) {
            assertThatThrownBy(() -> http.startTls(Client.context(), "http/1.1")).isInstanceOf(SSLException.class);
            smtp.startTls(Client.context(), "smtp");
            assertThat(smtp.reply()).isEqualTo("220 relay.example.net ESMTP");
            assertThat(smtp.ask("EHLO c.example.com")).doesNotContain("STARTTLS");
            assertThat(smtp.ask("STARTTLS")).startsWith("503 5.5.1 ");
            smtp.ask("MAIL FROM:<a@example.com>");
            smtp.ask("RCPT TO:<b@example.org>");
            smtp.ask("DATA");
            assertThat(smtp.ask("x\r\n.")).startsWith("250 2.0.0 ok: Message ");
            assertThat(relay.seen(InjectionEvent.TlsSucceeded.class)).hasSize(1);
        }
    }

    @Test
    void aWordInTheClearOnImplicitTlsEndsTheConnection() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).implicitTls().open(); Client client = relay.connect()) {
            client.send("EHLO c.example.com\r\n");
            String last = client.oneRead();
            assertThat(last).doesNotContain("220").doesNotContain("ESMTP");
            assertThat(relay.seen(MessageEvent.Started.class)).isEmpty();
        }
    }

    @Test
    void R_SSTLS_9_aSessionOfOneListenerIsWorthNothingAtAnother() throws Exception {
        SSLContext client = Client.context();
        try (ListenerFixture first = relay(); ListenerFixture second = ListenerFixture.in(folder.resolve("second").toFile().mkdir() ? folder.resolve("second") : folder).open()) {
            long made = sessionMadeAt(first, client);
            assertThat(sessionMadeAt(first, client)).as("the same listener takes its own session up again").isEqualTo(made);
            assertThat(sessionMadeAt(second, client)).isGreaterThan(made);
        }
    }

    /// The client offers what it holds, whatever listener gave it: it believes both to be one server.
    private static long sessionMadeAt(ListenerFixture relay, SSLContext context) throws Exception {
        try (Client client = relay.greeted()) {
            client.ask("STARTTLS");
            client.startTls(context);
            assertThat(client.ask("EHLO c.example.com")).startsWith("250");
            return client.tls().getCreationTime();
        }
    }

    @Test
    void B_STLS_10_theWordStartTlsInContentAndAddressesIsAnOrdinaryWord() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<STARTTLS@starttls.example>")).startsWith("250 ");
            assertThat(client.ask("RCPT TO:<starttls@STARTTLS>")).startsWith("250 ");
            client.ask("DATA");
            client.send("STARTTLS\r\nQUIT\r\nSTARTTLS\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(relay.stored(relay.nextQueued())).isEqualTo("STARTTLS\r\nQUIT\r\nSTARTTLS\r\n");
            assertThat(client.ask("NOOP")).startsWith("250 ");
        }
    }
}
