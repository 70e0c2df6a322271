package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.memory.Leaks;

/// Twelve defects that Apache James Protocols 3.8.1 has with its own handlers, framing and transport, in the order of our list of them.
/// Each test sends the octets that show the defect there, and holds it off here.
class TwelveDefectsTest {

    @TempDir
    Path folder;

    private ListenerFixture relay() throws IOException {
        return ListenerFixture.in(folder).open();
    }

    /// LF . CRLF, and any line of three octets that begins with a dot, ended the data there; a bare LF ended commands.
    @Test
    void defect1_noFalseEndOfDataAndNoCommandBehindABareLf() throws Exception {
        for (String end : List.of("\n.\r\n", "\r\n.Z\n", "\n.Z\n")) {
            try (ListenerFixture relay = ListenerFixture.in(java.nio.file.Files.createTempDirectory(folder, "x")).open(); Client client = relay.inData()) {
                client.send("one" + end + "MAIL FROM:<evil@example.com>\r\n.\r\n");
                assertThat(client.reply()).as("%s", end).startsWith("550 5.5.2 ");
                assertThat(client.ask("NOOP")).startsWith("250 2.0.0 ");
                assertThat(relay.seen(MessageEvent.Started.class)).hasSize(1);
                client.send("MAIL FROM:<evil@example.com>\nRCPT TO:<b@example.org>\r\n");
                assertThat(client.reply()).startsWith("500 5.5.2 ");
                assertThat(client.reply()).isEqualTo("503 5.5.1 MAIL first");
            }
        }
    }

    /// Commands in the packet of STARTTLS were carried out inside TLS; after a first DATA even with its detection switched on.
    @Test
    void defect2_whatFollowsStartTlsInTheClearIsNeverCarriedOut() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.inData()) {
            assertThat(client.ask("dummy\r\n.")).startsWith("250 ");
            client.send("STARTTLS\r\nEHLO x\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<b@example.org>\r\n");
            assertThat(client.reply()).isEqualTo("554 5.5.0 protocol synchronisation error");
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(MessageEvent.Started.class)).hasSize(1);
        }
    }

    /// MAIL was accepted inside TLS on the strength of an EHLO before it.
    @Test
    void defect3_ehloBeforeTheHandshakeCountsForNothing() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.ask("STARTTLS");
            client.startTls();
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("503 5.5.1 EHLO first");
        }
    }

    /// A line of more than 8,192 octets was answered 500 in the middle of the content, dropped, and the rest accepted.
    /// R-TXN-7: never cut.
    @Test
    void defect4_aLongLineOfContentIsKeptWholeAndAnsweredOnceAtTheEnd() throws Exception {
        String body = "Subject: x\r\n\r\n" + "y".repeat(100_000) + "\r\nlast\r\n";
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(ListenerFixture.relayingAsItComes()).open(); Client client = relay.inData()) {
            client.send(body + ".\r\nNOOP\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
            assertThat(relay.stored(relay.nextQueued())).isEqualTo(body);
        }
    }

    /// AUTH was carried out in the clear though not announced, and what followed a bad answer was swallowed as credentials.
    @Test
    void defect5_authThatWasNotAnnouncedIsRefusedAndSwallowsNothing() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.send("AUTH PLAIN\r\n!!!\r\nNOOP\r\nAUTH LOGIN AAAA\r\nMAIL FROM:<a@example.com>\r\n");
            assertThat(client.reply()).startsWith("502 5.5.1 ");
            assertThat(client.reply()).startsWith("500 5.5.1 ");
            assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
            assertThat(client.reply()).startsWith("502 5.5.1 ");
            assertThat(client.reply()).startsWith("250 2.1.0 ");
        }
    }

    /// A bare CR in a name or verb came back in the reply; the first line of the EHLO reply held a lone bracket.
    @Test
    void defect6_noOctetOfAClientSplitsAReply() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.send("EHLO a\r250 injected\r\n");
            assertThat(client.oneRead()).isEqualTo("500 5.5.2 commands end in CRLF\r\n");
            client.send("XX\r250 injected\r\n");
            assertThat(client.oneRead()).isEqualTo("500 5.5.2 commands end in CRLF\r\n");
            client.send("EHLO a\u00e9\r\n");
            assertThat(client.oneRead()).isEqualTo("501 5.5.4 the name must be a domain or an address literal\r\n");
            client.send("EHLO a.example\r\n");
            assertThat(client.oneRead()).startsWith("250-relay.example.net\r\n250-PIPELINING\r\n").endsWith("\r\n");
        }
    }

    /// Literals lost their brackets, routes were refused, parameters silently accepted, sizes above 2^31 misread, two blanks a fault.
    @Test
    void defect7_addressesAndParametersAreReadAsTheGrammarSays() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<u@[127.0.0.1]>")).isEqualTo("501 5.1.7 address literals are not accepted");
            assertThat(client.ask("MAIL FROM:<a@example.com> NONSENSE=1")).startsWith("555 5.5.4 ");
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=4294967296")).startsWith("552 5.3.4 ");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).startsWith("250 2.1.0 ");
            assertThat(client.ask("RCPT TO:<@hop.example,@[192.0.2.1]:b@example.org>")).isEqualTo("250 2.1.5 recipient <b@example.org> ok");
            assertThat(client.ask("RCPT TO:<postmaster>")).isEqualTo("250 2.1.5 recipient <postmaster@relay.example.net> ok");
            assertThat(client.ask("RCPT TO:<j\u00c3\u00b6rg@example.org>")).startsWith("553 5.6.7 ");
            assertThat(client.ask("RCPT TO:<c@example.org>  X=1")).startsWith("501 5.5.2 ");
        }
    }

    /// The timeout came at the second silence and without a word, as did limits on connections; no session had an end.
    @Test
    void defect8_silenceIsAnsweredOnceItsTimeIsUpAndNoSessionLastsWithoutAMessage() throws Exception {
        SessionLimits shortCommand = new SessionLimits(Duration.ZERO, Duration.ofSeconds(5), Duration.ofMillis(300), 100, Duration.ofHours(1), Duration.ofSeconds(2));
        SessionLimits shortSession = new SessionLimits(Duration.ZERO, Duration.ofSeconds(5), Duration.ofHours(1), 100, Duration.ofMillis(400), Duration.ofSeconds(2));
        try (ListenerFixture relay = ListenerFixture.in(folder).limits(shortCommand).open(); Client client = relay.greeted()) {
            long asked = System.nanoTime();
            assertThat(client.reply()).isEqualTo("421 4.4.2 timeout");
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofMillis(1_500));
            assertThat(client.closed()).isTrue();
        }
        try (ListenerFixture relay = ListenerFixture.in(folder.resolve("2").toFile().mkdir() ? folder.resolve("2") : folder).limits(shortSession).open();
                Client client = relay.greeted()) {
            assertThat(client.ask("NOOP")).startsWith("250 ");
            assertThat(client.reply()).isEqualTo("421 4.4.2 timeout");
        }
    }

    /// The Received field asked reverse DNS on the event loop.
    @Test
    void defect9_noQuestionIsAskedOfDnsForTheReceivedField() throws Exception {
        try (FakeDns dns = FakeDns.start(); ListenerFixture relay = ListenerFixture.in(folder).dns(dns.address()).open(); Client client = relay.inData()) {
            assertThat(client.ask("x\r\n.")).startsWith("250 ");
            assertThat(new String(relay.nextQueued().prologue(), java.nio.charset.StandardCharsets.US_ASCII))
                    .startsWith("Received: from client.example.com (unknown [127.0.0.1])\r\n\tby relay.example.net with ESMTP id ");
            assertThat(dns.asked()).isEmpty();
        }
    }

    /// Handlers that one meant to have removed from the chain stayed in it.
    @Test
    void defect10_noHandlerOfTheLibraryAnswers() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            assertThat(client.ask("HELP")).isEqualTo("502 5.5.1 command not implemented");
            assertThat(client.ask("EXPN list")).isEqualTo("502 5.5.1 command not implemented");
            assertThat(client.ask("VRFY a")).isEqualTo("252 2.0.0 cannot verify, try RCPT");
            assertThat(client.ask("UNKNOWN")).isEqualTo("500 5.5.1 command not recognized");
        }
    }

    /// A handler that threw lost the buffer, and the session went on in an unknown state.
    @Test
    void defect11_aFaultOfOursEndsTheSessionAndLosesNoBuffer() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).watcher(event -> {
            if (event instanceof MessageEvent.Started) {
                throw new IllegalStateException("a bug");
            }
        }).open(); Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\n");
            assertThat(client.reply()).isEqualTo("421 4.3.0 local error in processing");
            assertThat(client.closed()).isTrue();
        }
        assertThat(Leaks.found()).isEmpty();
    }

    /// Each reply was a segment of its own.
    @Test
    void defect12_theRepliesToAGroupLeaveTogether() throws Exception {
        try (ListenerFixture relay = relay(); Client client = relay.greeted()) {
            client.send("NOOP\r\n".repeat(50));
            assertThat(client.oneRead()).isEqualTo("250 2.0.0 ok\r\n".repeat(50));
        }
    }

    @Test
    void defect8_aConnectionBeyondTheLimitIsTold() throws Exception {
        MailFlowPolicy one = ListenerFixture.relaying().withLimits(new MailFlowPolicy.Limits(1_000, 10, 10, 1));
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(one).open(); Client first = relay.greeted(); Client second = relay.connect()) {
            assertThat(second.reply()).isEqualTo("421 4.7.0 too many connections");
            assertThat(first.ask("NOOP")).startsWith("250 ");
        }
    }
}
