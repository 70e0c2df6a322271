package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.queue.Injection;

class ConversationTest {

    @TempDir
    Path folder;

    private static MailFlowPolicy policy(Access access, InboundTls tls, long size, int recipients, int connections) {
        return MailFlowPolicy.of("test", access).withTls(tls).withLimits(new MailFlowPolicy.Limits(size, 10_000, recipients, connections));
    }

    private static MailFlowPolicy small() {
        return policy(Access.RELAY, InboundTls.PREFERRED, 1_000, 2, 10);
    }

    @Test
    void offersWhatItHasAndStartTlsOnlyInTheClear() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.connect()) {
            assertThat(client.reply()).isEqualTo("220 relay.example.net ESMTP");
            assertThat(client.ask("EHLO c.example.com")).isEqualTo(
                    "250-relay.example.net\n250-PIPELINING\n250-SIZE 1000\n250-8BITMIME\n250-SMTPUTF8\n250-CHUNKING\n250-BINARYMIME\n250-ENHANCEDSTATUSCODES\n"
                            + "250-DSN\n250-DELIVERBY\n250-LIMITS MAILMAX=10000 RCPTMAX=2\n250 STARTTLS");
            assertThat(client.ask("STARTTLS")).startsWith("220 ");
            client.startTls();
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("503 5.5.1 EHLO first");
            assertThat(client.ask("EHLO c.example.com")).doesNotContain("STARTTLS");
            assertThat(client.ask("STARTTLS")).startsWith("503 ");
            assertThat(client.ask("HELO c.example.com")).isEqualTo("250 relay.example.net");
            assertThat(relay.seen(InjectionEvent.TlsSucceeded.class)).singleElement()
                    .satisfies(seen -> assertThat(seen.cipher()).isEqualTo(client.cipher())).satisfies(seen -> assertThat(seen.took()).isPositive());
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void commandsInTheClearBehindStartTlsAreNotExecuted(boolean afterATransaction) throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.inData()) {
            client.ask("\r\n.");
            if (afterATransaction) {
                client.ask("RSET");
            }
            int before = relay.seen(MessageEvent.Started.class).size();
            client.send("STARTTLS\r\nMAIL FROM:<evil@example.com>\r\n");
            assertThat(client.reply()).isEqualTo("554 5.5.0 protocol synchronisation error");
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(MessageEvent.Started.class)).hasSize(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
            "MAIL FROM:<a@example.com> SIZE=1001,552 5.3.4", "MAIL FROM:<a@example.com> SIZE=99999999999,552 5.3.4", "MAIL FROM:<a@example.com> SIZE=-1,501 5.5.4",
            "MAIL FROM:<a@example.com> BODY=8BITMIME SIZE=10,250 2.1.0", "MAIL FROM:<a@example.com> FOO=1,555 5.5.4", "MAIL FROM:a@example.com,501 5.5.2",
            "RCPT TO:<b@example.org>,503 5.5.1", "DATA,503 5.5.1", "FOO,500 5.5.1", "AUTH PLAIN AGEAYg==,502 5.5.1",
            "NOOP anything,250 2.0.0", "VRFY x,252 2.0.0", "RSET x,501 5.5.4", "EHLO a_\u00ff,501 5.5.4"})
    void answersWithCodeAndEnhancedCode(String command, String start) throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.greeted()) {
            assertThat(client.ask(command)).startsWith(start + " ");
        }
    }

    @Test
    void neverRepeatsAClientsOctetsAndLogsThemEscaped() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.greeted()) {
            assertThat(client.ask("XY\rID 1 forged\u001b[2J")).isEqualTo("500 5.5.2 commands end in CRLF");
            assertThat(client.ask("Z\u00e9\u001b[2J")).isEqualTo("500 5.5.1 command not recognized");
            assertThat(relay.seen(InjectionEvent.UnknownCommand.class)).singleElement()
                    .satisfies(seen -> assertThat(seen.command()).doesNotContain("\u001b").contains("\\x1b"));
            client.send("NOOP\n");
            assertThat(client.reply()).isEqualTo("500 5.5.2 commands end in CRLF");
        }
    }

    @Test
    void refusesContentBeyondTheLimitAtItsEndAndKeepsTheSession() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.inData()) {
            client.send(("x".repeat(98) + "\r\n").repeat(11) + ".\r\n");
            assertThat(client.reply()).isEqualTo("552 5.3.4 size limit exceeded");
            assertThat(client.ask("RCPT TO:<b@example.org>")).isEqualTo("503 5.5.1 MAIL first");
            assertThat(relay.queued).isEmpty();
        }
    }

    @Test
    void keepsWhatTheSenderWantsToHear() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@example.com> RET=HDRS ENVID=QQ+2B1\r\nRCPT TO:<b@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Old@example.org\r\n"
                    + "RCPT TO:<c@example.org> NOTIFY=NEVER\r\nRCPT TO:<d@example.org> NOTIFY=success,SUCCESS\r\nDATA\r\n");
            assertThat(List.of(client.reply(), client.reply(), client.reply(), client.reply(), client.reply())).containsExactly("250 2.1.0 sender <a@example.com> ok",
                    "250 2.1.5 recipient <b@example.org> ok", "250 2.1.5 recipient <c@example.org> ok", "501 5.5.4 bad parameter value", "354 go ahead");
            assertThat(client.ask("Subject: x\r\n\r\nx\r\n.")).startsWith("250 ");
            assertThat(relay.queued).singleElement().satisfies(message -> {
                assertThat(message.envelope().parameters()).isEqualTo(MailParameters.NONE.withReturned(ReturnedPart.HEADERS).withEnvelopeId("QQ+1"));
                assertThat(message.envelope().recipients()).containsExactly(
                        new Recipient(Mailbox.of("b@example.org"), Notify.on(Notify.Event.SUCCESS, Notify.Event.DELAY), Optional.of(new OriginalRecipient("rfc822", "Old@example.org"))),
                        new Recipient(Mailbox.of("c@example.org"), Notify.NEVER, Optional.empty()));
                assertThat(message.origin().injection()).isEqualTo(Injection.of(message.origin().icid(), "127.0.0.1").by("client.example.com").under("test", "test"));
            });
        }
    }

    @Test
    void takesNoMoreRecipientsThanThePolicySays() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.greeted()) {
            client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n");
            assertThat(List.of(client.reply(), client.reply(), client.reply(), client.reply(), client.reply())).containsExactly("250 2.1.0 sender <> ok",
                    "250 2.1.5 recipient <a@example.org> ok", "250 2.1.5 recipient <b@example.org> ok", "452 4.5.3 too many recipients", "354 go ahead");
        }
    }

    @Test
    void stopsAMessageThatHasPassedAHundredHosts() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, ListenerFixture.relaying()); Client client = relay.inData()) {
            assertThat(client.ask("Received: x\r\n".repeat(100) + "\r\n.")).isEqualTo("554 5.4.6 message loop: too many Received fields");
        }
    }

    @Test
    void lineWithoutEndEndsTheConnection() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.greeted()) {
            client.send("x".repeat(5_000));
            assertThat(client.reply()).isEqualTo("500 5.5.2 line too long");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void contentWithoutEndEndsTheConnection() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.inData()) {
            client.send(("x".repeat(998) + "\r\n").repeat(1_100));
            assertThat(client.reply()).isEqualTo("552 5.3.4 size limit exceeded");
            assertThat(client.closed()).isTrue();
            assertThat(relay.spool.status().messages()).isZero();
        }
    }

    @Test
    void tlsHandshakeWhereACommandIsDueEndsTheConnection() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.connect()) {
            client.reply();
            client.send("\u0016\u0003\u0001\u0002\u0000");
            assertThat(client.reply()).startsWith("421 ");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void fiveBadCommandsEndTheConnection() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.greeted()) {
            for (int i = 0; i < 4; i++) {
                assertThat(client.ask("FOO")).startsWith("500 ");
                client.ask("RSET");
            }
            assertThat(client.ask("FOO")).isEqualTo("421 4.7.0 too many errors");
            assertThat(client.closed()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"GET / HTTP/1.1", "POST /x HTTP/1.1", "CONNECT mx:25 HTTP/1.1"})
    void leavesABrowserAtOnce(String line) throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask(line)).startsWith("421 ");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void accessDecidesWhatAConnectionIsTold() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder.resolve("a").toFile().mkdir() ? folder.resolve("a") : folder, MailFlowPolicy.of("no", Access.REJECT));
                Client client = relay.connect()) {
            assertThat(client.reply()).isEqualTo("554 5.7.1 Your access to this mail system has been rejected");
        }
        try (ListenerFixture relay = new ListenerFixture(folder.resolve("b").toFile().mkdir() ? folder.resolve("b") : folder, MailFlowPolicy.of("no", Access.TCPREFUSE));
                Client client = relay.connect()) {
            assertThat(client.closed()).isTrue();
        }
        try (ListenerFixture relay = new ListenerFixture(folder.resolve("c").toFile().mkdir() ? folder.resolve("c") : folder, MailFlowPolicy.of("guest", Access.ACCEPT));
                Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com>");
            for (String trick : List.of("<t@d.example>", "<t%d.example@relay.example.net>", "<@relay.example.net:t@d.example>", "<\"t@d.example\"@relay.example.net>", "<postmaster>")) {
                assertThat(client.ask("RCPT TO:" + trick)).isEqualTo("550 5.7.1 relaying denied");
            }
            assertThat(client.ask("DATA")).isEqualTo("554 5.5.1 no valid recipients");
        }
    }

    @Test
    void connectionBeyondTheLimitIsTold421() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, policy(Access.RELAY, InboundTls.OFF, 1_000, 2, 1)); Client first = relay.greeted(); Client second = relay.connect()) {
            assertThat(second.reply()).isEqualTo("421 4.7.0 too many connections");
            assertThat(first.ask("NOOP")).startsWith("250 ");
        }
    }

    @Test
    void requiresTlsWhereThePolicySaysSo() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, policy(Access.RELAY, InboundTls.REQUIRED, 1_000, 2, 9)); Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("530 5.7.0 Must issue a STARTTLS command first");
            assertThat(client.ask("NOOP")).startsWith("250 ");
            assertThat(relay.seen(InjectionEvent.TlsNotInitiated.class)).hasSize(1);
        }
    }

    @Test
    void saysSoWhenTheSpoolIsFull() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(small()).spoolSize(1).open(); Client client = relay.greeted()) {
            String reply = client.ask("MAIL FROM:<a@example.com>");
            if (reply.startsWith("250")) {
                client.ask("RCPT TO:<b@example.org>");
                client.ask("DATA");
                reply = client.ask("x\r\n.");
            }
            assertThat(reply).isEqualTo("452 4.3.1 mail system full, try again later");
            assertThat(relay.queued).isEmpty();
        }
    }

    @Test
    void silenceAndDrippedContentEndWith421() throws Exception {
        SessionLimits hasty = new SessionLimits(Duration.ZERO, Duration.ofSeconds(5), Duration.ofMillis(100), 1_000_000, Duration.ofHours(1), Duration.ofSeconds(2));
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(small()).limits(hasty).open(); Client silent = relay.greeted(); Client sender = relay.inData()) {
            assertThat(silent.reply()).isEqualTo("421 4.4.2 timeout");
            sender.send("Subject: x\r\n");
            assertThat(sender.reply()).isEqualTo("421 4.4.2 timeout");
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).singleElement()
                    .satisfies(seen -> assertThat(seen.why()).isEqualTo(InjectionEvent.ReceivingFailure.TOO_SLOW));
        }
    }

    @Test
    void aReloadKeepsSocketsAndConnectionsThatStay() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client before = relay.greeted()) {
            relay.listeners.apply(List.of(relay.listener()));
            assertThat(before.ask("NOOP")).startsWith("250 ");
            try (Client after = relay.connect()) {
                assertThat(after.reply()).startsWith("220 ");
            }
        }
    }

    /// R-SRV-10.
    @Test
    void stoppingTellsIdleClientsAndLetsAMessageUnderWayEnd() throws Exception {
        try (ListenerFixture relay = new ListenerFixture(folder, small()); Client idle = relay.greeted(); Client sender = relay.inData()) {
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(relay.listeners::stop);
            assertThat(idle.reply()).isEqualTo("421 4.3.2 shutting down");
            idle.close();
            assertThat(sender.ask("x\r\n.")).startsWith("250 2.0.0 ok: Message ");
            assertThat(sender.reply()).isEqualTo("421 4.3.2 shutting down");
            sender.close();
            stopped.join();
            assertThat(relay.stored(relay.nextQueued())).isEqualTo("x\r\n");
        }
    }
}
