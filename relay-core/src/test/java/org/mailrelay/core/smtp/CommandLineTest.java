package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;

class CommandLineTest {

    @Test
    void R_SRV_2_verbsInAnyCaseWithBlanksBehind() {
        assertThat(CommandLine.parse("mail FROM:<a@b>")).isEqualTo(new CommandLine.Command(Verb.MAIL, "FROM:<a@b>"));
        assertThat(CommandLine.parse("QuIt  ")).isEqualTo(new CommandLine.Command(Verb.QUIT, ""));
        assertThat(CommandLine.parse("NOOP anything at all")).isEqualTo(new CommandLine.Command(Verb.NOOP, "anything at all"));
        byte[] line = "xxEHLO a.example \r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(CommandLine.parse(line, 2, line.length - 2)).isEqualTo(new CommandLine.Command(Verb.EHLO, "a.example"));
    }

    @Test
    void R_SRV_2_whatIsRefused() {
        refuses(OurReplies.UNKNOWN_COMMAND, "", " ", "FOO", " NOOP", "NOOP\t", "MAILFROM:<a@b>", "RCPT\u00a0TO:<a@b>", "QU\u0131T", "get / HTTP/1.1", "\u017ftarttls");
        refuses(OurReplies.NO_ARGUMENT_ALLOWED, "DATA x", "RSET x", "QUIT x", "STARTTLS x");
        refuses(OurReplies.ARGUMENT_MISSING, "EHLO", "HELO ", "MAIL", "RCPT", "VRFY", "BDAT");
        refuses(OurReplies.COMMAND_NOT_OFFERED, "EXPN list", "HELP", "TURN", "ETRN x");
        refuses(OurReplies.BARE_LINE_END_IN_COMMAND, "NOOP a\nb", "NOOP a\rb", "NOOP a\0b");
    }

    @Test
    void R_SRV_13_browsersAndHandshakesAreNoMailClients() {
        for (String line : List.of("GET / HTTP/1.1", "POST /x HTTP/1.0", "CONNECT a:25 HTTP/1.1", "HEAD / HTTP/1.1", "PUT /x HTTP/1.1", "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0", "\u0016\u0003\u0001\u0002")) {
            assertThat(CommandLine.parse(line)).as(line).isInstanceOf(CommandLine.NotSmtp.class);
        }
    }

    @Test
    void R_SRV_4_ehloNames() {
        for (String name : List.of("a.example", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]", "my_host.example")) {
            assertThat(EhloArgument.parse(name)).isEqualTo(new EhloArgument.Accepted(name));
        }
        for (String name : List.of("", "a b", "[192.0.2]", "[2001:db8::1]", "-a", "a..b", "a\u001b[2J", "\u00e4.example", "a\rb", "x".repeat(64), "a.".repeat(128) + "a", "192.0.2.1/8", "<a>", "a:25")) {
            assertThat(EhloArgument.parse(name)).as(name).isEqualTo(new EhloArgument.Refused(OurReplies.BAD_EHLO_NAME));
        }
    }

    @Test
    void outgoingCommands() {
        assertThat(CommandText.mail(ReversePath.NULL)).hasToString("MAIL FROM:<>");
        assertThat(CommandText.mail(ReversePath.of("a@b.example"))).hasToString("MAIL FROM:<a@b.example>");
        assertThat(CommandText.rcpt(Mailbox.of("\"a b\"@c.example"))).hasToString("RCPT TO:<\"a b\"@c.example>");
        assertThat(CommandText.bdat(0, true)).asString().isEqualTo("BDAT 0 LAST\r\n");
        assertThat(new String(CommandText.line("RCPT TO:<\u00e4@c.example>", true), StandardCharsets.UTF_8)).isEqualTo("RCPT TO:<\u00e4@c.example>\r\n");
        assertThat(CommandText.ehlo("relay.example.com")).asString().isEqualTo("EHLO relay.example.com\r\n");
    }

    /// R-TXN-2.
    @Test
    void B_INJ_nothingThatCouldEndALineIsWritten() {
        for (String text : List.of("a\rb", "a\nb", "a\0b", "a\u010ab", "a\u010db", "\u00e4", "a\tb", "a\u007f", "\u2028")) {
            assertThatThrownBy(() -> CommandText.line(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static void refuses(OurReply reply, String... lines) {
        for (String line : lines) {
            assertThat(CommandLine.parse(line)).as(Escape.text(line, 100)).isInstanceOfSatisfying(CommandLine.Refused.class,
                    refused -> assertThat(refused.reply()).isSameAs(reply));
        }
    }
}
