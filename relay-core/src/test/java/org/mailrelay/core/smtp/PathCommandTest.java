package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;

class PathCommandTest {

    private static final Domain OURS = Domain.of("relay.example.com");

    @Test
    void R_SRV_5_sendersOfEveryForm() {
        assertThat(mail("FROM:<a@b.example>")).isEqualTo(new PathCommand.Mail(ReversePath.of("a@b.example"), OptionalLong.empty(), MailParameters.of(BodyType.SEVEN_BIT)));
        assertThat(mail("from:<>")).isEqualTo(new PathCommand.Mail(ReversePath.NULL, OptionalLong.empty(), MailParameters.of(BodyType.SEVEN_BIT)));
        assertThat(mail("FROM:<Postmaster>")).isEqualTo(new PathCommand.Mail(ReversePath.of("Postmaster@relay.example.com"), OptionalLong.empty(), MailParameters.of(BodyType.SEVEN_BIT)));
        assertThat(mail("FROM:<a@b.example> SIZE=12345678901234567890 body=8bitmime"))
                .isEqualTo(new PathCommand.Mail(ReversePath.of("a@b.example"), OptionalLong.of(Long.MAX_VALUE), MailParameters.of(BodyType.EIGHT_BIT_MIME)));
        assertThat(mail("FROM:<> BODY=7BIT SIZE=0")).isEqualTo(new PathCommand.Mail(ReversePath.NULL, OptionalLong.of(0), MailParameters.of(BodyType.SEVEN_BIT)));
    }

    @Test
    void R_SRV_5_parametersThatAreRefused() {
        refusesMail(OurReplies.DUPLICATE_PARAMETER, "FROM:<> SIZE=1 SIZE=1", "FROM:<> BODY=7BIT body=7BIT");
        refusesMail(OurReplies.BAD_PARAMETER, "FROM:<> SIZE=", "FROM:<> SIZE", "FROM:<> SIZE=-1", "FROM:<> SIZE=+1", "FROM:<> SIZE=1k", "FROM:<> SIZE=" + "1".repeat(21), "FROM:<> BODY=BINARY", "FROM:<> BODY");
        refusesMail(OurReplies.UNKNOWN_PARAMETER, "FROM:<> FOO=1", "FROM:<> SMTPUTF9", "FROM:<> AUTH=<>", "FROM:<> NOTIFY=NEVER", "FROM:<> ORCPT=rfc822;a", "FROM:<> SIZEX=1");
        refusesMail(OurReplies.BAD_MAIL_SYNTAX, "FROM:<>SIZE=1", "FROM:<>  SIZE=1", "FROM:<> =1", "FROM: <a@b.example>", "FROM:a@b.example", "FROM", "FROM:", "TO:<a@b.example>", "FROM:<> SIZE=1\t", "FROM:<> \u0001");
        refusesRcpt(OurReplies.UNKNOWN_PARAMETER, "TO:<a@b.example> RET=HDRS", "TO:<a@b.example> ENVID=1", "TO:<a@b.example> SIZE=1");
    }

    @Test
    void recipientsOfEveryForm() {
        accepts("TO:<a@b.example>", "a@b.example");
        accepts("to:<a.b+c@B.Example>", "a.b+c@b.example");
        accepts("TO:<\"a b\"@c.example>", "\"a b\"@c.example");
        accepts("TO:<\"a\\\"@>b\"@c.example>", "\"a\\\"@>b\"@c.example");
        accepts("TO:<POSTMASTER>", "POSTMASTER@relay.example.com");
        accepts("TO:<" + "x".repeat(64) + "@c.example>", "x".repeat(64) + "@c.example");
    }

    /// R-TXN-3: what is kept, and sent again, has no route.
    @Test
    void B_RELAY_onlyTheFinalMailboxCounts() {
        accepts("TO:<@h.example:t@d.example>", "t@d.example");
        accepts("TO:<@h.example,@[192.0.2.1]:t@d.example>", "t@d.example");
        accepts("TO:<t%d.example@h.example>", "t%d.example@h.example");
        accepts("TO:<d.example!t@h.example>", "d.example!t@h.example");
        accepts("TO:<\"t@d.example\"@h.example>", "\"t@d.example\"@h.example");
    }

    /// R-MX-7: address literals too.
    @Test
    void B_RELAY_whatIsNoMailboxIsRefused() {
        refusesRcpt(OurReplies.BAD_RECIPIENT_ADDRESS, "TO:<>", "TO:<t>", "TO:<\"t@d\">", "TO:<t%d>", "TO:<d!t>", "TO:<t@d@h.example>", "TO:<t%d@>", "TO:<t@d.>",
                "TO:<t@d(c)>", "TO:<t @d>", "TO:< t@d>", "TO:<t@d >", "TO:<t@d\0.h>", "TO:<t@d\th>", "TO:<t@d", "TO:<@h:>", "TO:<@h.example>", "TO:<@h,t@d>", "TO:<@h,:t@d>", "TO:<@:t@d>",
                "TO:<.t@d>", "TO:<t.@d>", "TO:<t..u@d>", "TO:<@d>", "TO:<\"t@d>", "TO:<\"t\\", "TO:<\"a\rb\"@d>", "TO:<\"a\\\nb\"@d>", "TO:<a\"b\"@d>", "TO:<" + "x".repeat(65) + "@d>",
                "TO:<t@-d>", "TO:<t@d..e>", "TO:<t@" + "d".repeat(64) + ">", "TO:<t@[192.0.2.1>", "TO:<t@[1.2.3]>", "TO:<<t@d>>", "TO:<a,b@d>", "TO:<postmaster@>");
        refusesRcpt(OurReplies.RECIPIENT_LITERAL, "TO:<t@[192.0.2.1]>", "TO:<t@[IPv6:::1]>");
        refusesRcpt(OurReplies.NON_ASCII_ADDRESS, "TO:<\u00c3\u00a4@d>", "TO:<t@f\u00c3\u00a4.example>", "TO:<\"\u00c3\"@d>");
        refusesMail(OurReplies.BAD_SENDER_ADDRESS, "FROM:<x>", "FROM:<a b@c>", "FROM:<" + "a@".repeat(200) + ">");
        refusesMail(OurReplies.SENDER_LITERAL, "FROM:<x@[192.0.2.1]>");
    }

    @Test
    void whatIsAcceptedCanAlwaysBeSentAgain() {
        Random random = new Random(3);
        String alphabet = "<>@@:,\"\\ab.%![]=  \r\n\0\u00e9\t1-_;(";
        for (int round = 0; round < 200_000; round++) {
            StringBuilder text = new StringBuilder("TO:<");
            for (int i = random.nextInt(14); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            text.append(random.nextBoolean() ? "@d>" : ">");
            if (PathCommand.rcpt(text.toString(), OURS) instanceof PathCommand.Rcpt(Recipient recipient)) {
                byte[] command = CommandText.line(CommandText.rcpt(recipient.mailbox()));
                String again = new String(command, 5, command.length - 7, java.nio.charset.StandardCharsets.US_ASCII);
                assertThat(PathCommand.rcpt(again, OURS)).as(again).isEqualTo(new PathCommand.Rcpt(recipient));
            }
            PathCommand.mail("FROM:" + text.substring(3), OURS);
            EhloArgument.parse(text.toString());
            CommandLine.parse(text.toString());
        }
    }

    private static PathCommand mail(String argument) {
        return PathCommand.mail(argument, OURS);
    }

    private static void accepts(String argument, String address) {
        assertThat(PathCommand.rcpt(argument, OURS)).as(argument).isEqualTo(new PathCommand.Rcpt(Recipient.of(address)));
    }

    private static void refusesMail(OurReply reply, String... arguments) {
        for (String argument : List.of(arguments)) {
            assertThat(mail(argument)).as(Escape.text(argument, 100)).isEqualTo(new PathCommand.Refused(reply));
        }
    }

    private static void refusesRcpt(OurReply reply, String... arguments) {
        for (String argument : List.of(arguments)) {
            assertThat(PathCommand.rcpt(argument, OURS)).as(Escape.text(argument, 100)).isEqualTo(new PathCommand.Refused(reply));
        }
    }
}
