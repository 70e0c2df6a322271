package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.header.Hygiene;

/// The rules of an SMTP server (RFC 5321, R-SRV-1 to R-SRV-13) over sockets.
class ServerRulesTest {

    @TempDir
    Path folder;

    private static MailFlowPolicy limited(long size, int messages, int recipients) {
        return ListenerFixture.relaying().withLimits(new MailFlowPolicy.Limits(size, messages, recipients, 100));
    }

    @Test
    void R_SRV_1_theGreetingTellsNameAndNoVersionAndOnlyCrlfEndsACommand() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            assertThat(client.reply()).isEqualTo("220 relay.example.net ESMTP");
            client.send("EHLO c.example.com\n");
            assertThat(client.reply()).isEqualTo("500 5.5.2 commands end in CRLF");
            client.send("NOOP\rNOOP\r\n");
            assertThat(client.reply()).isEqualTo("500 5.5.2 commands end in CRLF");
            client.send("NOOP\nNOOP\nNOOP\n");
            assertThat(List.of(client.reply(), client.reply(), client.reply())).containsExactly("500 5.5.2 commands end in CRLF", "500 5.5.2 commands end in CRLF", "421 4.7.0 too many errors");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void R_SRV_1_aPolicysOwnGreeting() throws Exception {
        MailFlowPolicy friendly = ListenerFixture.relaying().withBanner("authorised use only");
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(friendly).open(); Client client = relay.connect()) {
            assertThat(client.reply()).isEqualTo("220 relay.example.net authorised use only");
        }
    }

    @Test
    void R_SRV_2_verbsInAnyCaseWithBlanksBehindThoseWithoutArgument() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.reply();
            for (String command : List.of("ehlo c.example.com", "NoOp", "rset  ", "vrfy a", "mail from:<a@example.com>", "RcPt tO:<b@example.org>", "RSET")) {
                assertThat(client.ask(command)).as(command).startsWith("25");
            }
            assertThat(client.ask("rset x")).startsWith("501 5.5.4 ");
            assertThat(client.ask("data ")).startsWith("503 ");
            assertThat(client.ask("qUiT ")).startsWith("221 2.0.0 ");
        }
    }

    @Test
    void R_SRV_3_theOrderOfCommands() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("503 5.5.1 EHLO first");
            client.ask("EHLO c.example.com");
            assertThat(client.ask("RCPT TO:<b@example.org>")).isEqualTo("503 5.5.1 MAIL first");
            assertThat(client.ask("DATA")).isEqualTo("503 5.5.1 MAIL first");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("MAIL FROM:<c@example.com>")).isEqualTo("503 5.5.1 sender already given");
            assertThat(client.ask("DATA")).isEqualTo("554 5.5.1 no valid recipients");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "[192.0.2]", "-a", "a..b", "a\u001b[2J", "\u00e4.example", "<a>", "a:25", "a_\u00ff"})
    void R_SRV_4_aNameThatIsNoneIsRefused(String name) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO " + name)).startsWith("501 5.5.4 ");
            assertThat(client.ask("HELO " + name)).startsWith("501 5.5.4 ");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).startsWith("503 ");
        }
    }

    @Test
    void R_SRV_4_ourReplyToEhloPassesOurOwnReaderAndHeloHasOneLine() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.reply();
            for (String line : client.ask("EHLO [IPv6:2001:db8::1]").split("\n")) {
                assertThat(line).matches("250[- ]\\S+( \\S+)*");
            }
            assertThat(client.ask("HELO anything.example")).isEqualTo("250 relay.example.net");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"MAIL FROM: <a@example.com>|501 5.5.2", "MAIL FROM:a@example.com|501 5.5.2", "MAIL FROM:<a@example.com> X=1|555 5.5.4",
            "MAIL FROM:<a@example.com> SIZE=1 SIZE=2|501 5.5.4", "MAIL FROM:<>|250 2.1.0", "MAIL FROM:<postmaster>|250 2.1.0", "MAIL FROM:<\"a b\"@example.com>|250 2.1.0",
            "MAIL FROM:<@h.example:a@example.com>|250 2.1.0", "MAIL FROM:<a@example.com|501 5.1.7", "MAIL FROM:<a@exa mple.com>|501 5.1.7",
            "MAIL FROM:<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com>|501 5.1.7"})
    void R_SRV_5_theGrammarOfPaths(String command, String start) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.greeted()) {
            assertThat(client.ask(command)).startsWith(start + " ");
        }
    }

    @Test
    void R_SRV_6_aLineBeyondTheLimitEndsTheConnectionAndOneWithinItDoesNot() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.greeted(); Client other = relay.greeted()) {
            assertThat(client.ask("NOOP " + "x".repeat(2_000))).startsWith("250 ");
            client.send("NOOP " + "x".repeat(2_100) + "\r\n");
            assertThat(client.reply()).isEqualTo("500 5.5.2 line too long");
            assertThat(client.closed()).isTrue();
            assertThat(other.ask("NOOP")).startsWith("250 ");
        }
    }

    @Test
    void R_SRV_6_R_SIZE_1_theRealSizeCountsWhateverWasDeclared() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(limited(1_000, 100, 100)).open(); Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=1001")).startsWith("552 5.3.4 ");
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=10")).startsWith("250 ");
            client.ask("RCPT TO:<b@example.org>");
            client.ask("DATA");
            client.send(("x".repeat(98) + "\r\n").repeat(11) + ".\r\n");
            assertThat(client.reply()).startsWith("552 5.3.4 ");
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=99999999999999999999")).startsWith("552 5.3.4 ");
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=999999999999999999999")).startsWith("501 5.5.4 ");
        }
    }

    @Test
    void R_SRV_7_atLeastAHundredRecipientsAndBeyondTheLimit452Each() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(limited(1_000, 100, 100)).open(); Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com>");
            for (int i = 0; i < 100; i++) {
                assertThat(client.ask("RCPT TO:<b" + i + "@example.org>")).startsWith("250 ");
            }
            assertThat(client.ask("RCPT TO:<c@example.org>")).isEqualTo("452 4.5.3 too many recipients");
            client.send("RCPT TO:<c@example.org>\r\n".repeat(19));
            String last = client.reply();
            while (last.startsWith("452 ")) {
                last = client.reply();
            }
            assertThat(last).isEqualTo("421 4.7.0 too many errors");
        }
    }

    @Test
    void R_SRV_7_messagesOfOneConnectionHaveALimit() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(limited(1_000, 1, 100)).open(); Client client = relay.inData()) {
            assertThat(client.ask("x\r\n.")).startsWith("250 ");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("421 4.7.0 too many messages in one session");
        }
    }

    @Test
    void R_SRV_8_oneReplyForTheMessageWhateverIsWrongWithIt() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(limited(5_000, 100, 100)).open(); Client client = relay.inData()) {
            client.send("Received: x\r\n".repeat(101) + "\r\na\nb\0c\rd" + "x".repeat(6_000) + "\r\n.\r\nNOOP\r\n");
            assertThat(client.reply()).startsWith("552 ");
            assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
        }
    }

    /// The sixteen combinations of nmap's smtp-open-relay, and more of the abuse.net set.
    @Test
    void R_SRV_9_B_RELAY_noFormOfAnAddressRelaysForAStranger() throws Exception {
        List<String> senders = List.of("<>", "<x@d.example>", "<x@relay.example.net>", "<postmaster>");
        List<String> recipients = List.of("<t@d.example>", "<t%d.example@relay.example.net>", "<\"t@d.example\"@relay.example.net>", "<@relay.example.net:t@d.example>",
                "<@[127.0.0.1]:t@d.example>", "<@relay.example.net,@x.example:t@d.example>", "<d.example!t@relay.example.net>", "<t@D.EXAMPLE>", "<postmaster>", "<t@relay.example.net>",
                "<t%d.example@localhost>");
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(MailFlowPolicy.of("guest", Access.ACCEPT)).open()) {
            for (String sender : senders) {
                try (Client client = relay.greeted()) {
                    client.ask("MAIL FROM:" + sender);
                    for (String recipient : recipients) {
                        assertThat(client.ask("RCPT TO:" + recipient)).as(sender + " " + recipient).isEqualTo("550 5.7.1 relaying denied");
                    }
                    assertThat(client.ask("DATA")).startsWith("554 ");
                }
            }
            for (String bad : List.of("t@d.example", "\"t@d.example\"", "<t%d.example>", "<\"t@d.example\">", "<t@d.example@relay.example.net>", "<t@[192.0.2.1]>", "<d.example!t>", "<t%d.example@>",
                    "<t@d.example.>", "<t@d.example(c)>", "<t @d.example>", "<t@d.example\t>", "<t@d.example@[127.0.0.1]>")) {
                try (Client client = relay.greeted()) {
                    client.ask("MAIL FROM:<x@d.example>");
                    assertThat(client.ask("RCPT TO:" + bad)).as(bad).matches("5[05][0-9] 5\\..*");
                }
            }
            assertThat(relay.seen(MessageEvent.RecipientGiven.class)).isEmpty();
        }
    }

    @Test
    void R_SRV_11_errorsAreCountedThroughRsetEhloAndStartTls() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.greeted()) {
            client.ask("FOO");
            client.ask("RSET");
            client.ask("FOO");
            client.ask("EHLO c.example.com");
            client.ask("FOO");
            client.ask("STARTTLS");
            client.startTls();
            client.ask("EHLO c.example.com");
            client.ask("FOO");
            assertThat(client.ask("FOO")).isEqualTo("421 4.7.0 too many errors");
        }
    }

    @Test
    void R_SRV_11_commandsThatLeadNowhereHaveAnEnd() throws Exception {
        for (String idle : List.of("NOOP", "RSET", "VRFY a", "EHLO a.example")) {
            Path own = java.nio.file.Files.createTempDirectory(folder, "idle");
            try (ListenerFixture relay = ListenerFixture.in(own).open(); Client client = relay.greeted()) {
                client.send((idle + "\r\n").repeat(250));
                int replies = 0;
                String last = client.reply();
                while (!last.startsWith("421 ")) {
                    replies++;
                    last = client.reply();
                }
                assertThat(replies).isLessThan(CommandCounts.MOST_IDLE_COMMANDS);
                assertThat(client.closed()).isTrue();
            }
        }
    }

    @Test
    void R_SRV_12_R_ETRN_1_neither251Nor551() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.greeted()) {
            assertThat(client.ask("VRFY a@example.com")).startsWith("252 ");
            assertThat(client.ask("EXPN a")).startsWith("502 ");
            assertThat(client.ask("ETRN a")).startsWith("502 ");
            assertThat(client.ask("TURN")).startsWith("502 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1", "HEAD / HTTP/1.1", "POST /x HTTP/1.1", "PUT /x HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT mx:25 HTTP/1.1", "PRI * HTTP/2.0", "\u0016\u0003\u0001\u0002"})
    void R_SRV_13_B_STLS_9_theFirstOctetsOfAnotherProtocolEndTheConnection(String line) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.reply();
            client.send(line + "\r\nHost: relay\r\n\r\nEHLO x\r\nMAIL FROM:<evil@example.com>\r\n");
            assertThat(client.reply()).startsWith("421 ");
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(MessageEvent.Started.class)).isEmpty();
        }
    }

    @Test
    void R_TRC_3_missingFieldsAreAddedWhereThePolicySaysSoOnly() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(ListenerFixture.relaying().withHygiene(Hygiene.NONE.withAddMissingFields(true))).open(); Client client = relay.inData()) {
            client.ask("Subject: x\r\n\r\nDate: in the body\r\n.");
            assertThat(prologue(relay)).containsPattern("\r\nDate: \\w{3}, \\d{1,2} \\w{3} \\d{4} [0-9:]{8} [+-]\\d{4}\r\nMessage-ID: <[0-9.]+@relay\\.example\\.net>\r\n$");
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            client.reply();
            client.reply();
            client.reply();
            client.ask("date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-Id: <a@b>\r\n\r\nx\r\n.");
            assertThat(prologue(relay)).startsWith("Received: ").doesNotContain("Date:").doesNotContain("Message-ID:");
        }
        try (ListenerFixture relay = ListenerFixture.in(java.nio.file.Files.createDirectory(folder.resolve("plain"))).open(); Client client = relay.inData()) {
            client.ask("Subject: x\r\n\r\nx\r\n.");
            assertThat(prologue(relay)).doesNotContain("Date:").doesNotContain("Message-ID:");
        }
    }

    private static String prologue(ListenerFixture relay) throws InterruptedException {
        return new String(relay.nextQueued().prologue(), java.nio.charset.StandardCharsets.US_ASCII);
    }
}
