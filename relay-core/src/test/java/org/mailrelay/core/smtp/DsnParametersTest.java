package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;

/// `RET=`, `ENVID=`, `NOTIFY=` and `ORCPT=` as a client writes them (R-DSN-1).
class DsnParametersTest {

    private static final Domain OURS = Domain.of("relay.example.com");

    /// RFC 3461 §4.1: "NEVER" / 1#notify-list-element
    @Nested
    class WhatNotifySays {

        @Test
        void neverStandsAlone() {
            assertThat(notice("NOTIFY=NEVER")).contains(Notify.NEVER);
            assertThat(notice("notify=never")).contains(Notify.NEVER);
            for (Notify.Event event : Notify.Event.values()) {
                badRcpt("NOTIFY=NEVER," + event, "NOTIFY=" + event + ",NEVER");
            }
            badRcpt("NOTIFY=NEVER,NEVER");
        }

        @Test
        void everyListOfThreeEventsIsReadInEveryOrderAndNoneTwice() {
            String[] words = {"SUCCESS", "failure", "Delay"};
            for (int length = 1; length <= 3; length++) {
                for (int code = 0; code < Math.pow(3, length); code++) {
                    List<String> list = new ArrayList<>();
                    Set<Notify.Event> events = EnumSet.noneOf(Notify.Event.class);
                    for (int place = 0, rest = code; place < length; place++, rest /= 3) {
                        list.add(words[rest % 3]);
                        events.add(Notify.Event.values()[rest % 3]);
                    }
                    String parameter = "NOTIFY=" + String.join(",", list);
                    if (events.size() == length) {
                        assertThat(notice(parameter)).as(parameter).contains(Notify.on(events));
                        assertThat(DsnText.readNotify(DsnText.write(Notify.on(events)).orElseThrow())).contains(Notify.on(events));
                    } else {
                        badRcpt(parameter);
                    }
                }
            }
        }

        @Test
        void nothingSaidIsToldApart() {
            assertThat(PathCommand.rcpt("TO:<a@b.example>", OURS)).isEqualTo(new PathCommand.Rcpt(Recipient.of("a@b.example")));
            assertThat(DsnText.write(Notify.UNSAID)).isEmpty();
            assertThat(DsnText.write(Notify.NEVER)).contains("NEVER");
        }

        @Test
        void whatIsNoEventIsRefused() {
            badRcpt("NOTIFY", "NOTIFY=", "NOTIFY=,", "NOTIFY=FAILURE,", "NOTIFY=,FAILURE", "NOTIFY=FAILURE,,DELAY", "NOTIFY=FAIL", "NOTIFY=ALWAYS", "NOTIFY=FAILURE;DELAY",
                    "NOTIFY=\"NEVER\"", "NOTIFY=+4E");
        }
    }

    @Nested
    class WhatOrcptSays {

        @Test
        void theAddressIsDecoded() {
            assertThat(original("ORCPT=rfc822;Bob@Example.com")).contains(new OriginalRecipient("rfc822", "Bob@Example.com"));
            assertThat(original("orcpt=RFC822;a+2Bb+3Dc+20d@e.example")).contains(new OriginalRecipient("RFC822", "a+b=c d@e.example"));
            assertThat(original("ORCPT=x400;/S=x/".replace("S=x", "S+3Dx"))).contains(new OriginalRecipient("x400", "/S=x/"));
            assertThat(original("ORCPT=utf-8;j\\x{FC}rgen@example.com")).contains(new OriginalRecipient("utf-8", "jürgen@example.com"));
            assertThat(original("ORCPT=utf-8;\\x{1F600}@example.com")).contains(new OriginalRecipient("utf-8", "😀@example.com"));
            assertThat(original("ORCPT=rfc822;j\\x{FC}")).contains(new OriginalRecipient("rfc822", "j\\x{FC}"));
        }

        /// RFC 3461 §4: "hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits"
        @Test
        void onlyUpperCaseHexadecimalDigitsAreRead() {
            badRcpt("ORCPT=rfc822;a+2b", "ORCPT=rfc822;a+", "ORCPT=rfc822;a+2", "ORCPT=rfc822;a+G0", "ORCPT=rfc822;a++", "ORCPT=rfc822;a=b", "ORCPT=rfc822;a+ 0");
        }

        @Test
        void nothingComesOutThatCouldEndALine() {
            for (int octet = 0; octet < 256; octet++) {
                String parameter = "ORCPT=rfc822;a" + String.format("+%02X", octet) + "b";
                if (octet < 0x20 || octet > 0x7e) {
                    badRcpt(parameter);
                } else {
                    assertThat(original(parameter)).as(parameter).contains(new OriginalRecipient("rfc822", "a" + (char) octet + "b"));
                }
            }
            badRcpt("ORCPT=utf-8;\\x{0A}", "ORCPT=utf-8;\\x{0D}a", "ORCPT=utf-8;\\x{00}", "ORCPT=utf-8;\\x{85}", "ORCPT=utf-8;\\x{2028}", "ORCPT=utf-8;\\x{D800}", "ORCPT=utf-8;\\x{110000}",
                    "ORCPT=utf-8;\\x{fc}", "ORCPT=utf-8;\\x{}", "ORCPT=utf-8;\\x{4}", "ORCPT=utf-8;\\", "ORCPT=utf-8;a\\x{41", "ORCPT=utf-8;\\y");
        }

        @Test
        void aTypeAndAnAddressAreNeeded() {
            badRcpt("ORCPT", "ORCPT=", "ORCPT=;", "ORCPT=rfc822", "ORCPT=rfc822;", "ORCPT=;a@b.example", "ORCPT=rf(c;a", "ORCPT=<a@b.example>");
        }

        @Test
        void fiveHundredCharactersAreTheMost() {
            assertThat(original("ORCPT=rfc822;" + "a".repeat(493))).isPresent();
            badRcpt("ORCPT=rfc822;" + "a".repeat(494));
        }

        @Test
        void whatIsWrittenIsReadBack() {
            Random random = new Random(3461);
            for (int round = 0; round < 20_000; round++) {
                StringBuilder address = new StringBuilder();
                boolean utf8 = random.nextBoolean();
                for (int i = 1 + random.nextInt(20); i > 0; i--) {
                    int c = utf8 && random.nextInt(3) == 0 ? 0xa0 + random.nextInt(0x1000) : 0x20 + random.nextInt(0x5f);
                    address.appendCodePoint(c);
                }
                OriginalRecipient original = new OriginalRecipient(utf8 ? "utf-8" : "rfc822", address.toString());
                String written = DsnText.write(original);
                assertThat(CommandText.line("RCPT TO:<a@b.example> ORCPT=" + written)).isNotEmpty();
                assertThat(original("ORCPT=" + written)).as(written).contains(original);
            }
        }
    }

    @Nested
    class WhatMailSays {

        @Test
        void retAndEnvid() {
            assertThat(said("RET=FULL")).contains(MailParameters.NONE.withReturned(ReturnedPart.FULL));
            assertThat(said("ret=hdrs")).contains(MailParameters.NONE.withReturned(ReturnedPart.HEADERS));
            assertThat(said("ENVID=QQ314159")).contains(MailParameters.NONE.withEnvelopeId("QQ314159"));
            assertThat(said("ENVID=a+2Bb+20c RET=HDRS SIZE=5 BODY=8BITMIME")).isPresent();
            badMail("RET", "RET=", "RET=HEADERS", "RET=FULL,HDRS", "ENVID", "ENVID=", "ENVID=a=b", "ENVID=a+0D", "ENVID=a+0a", "ENVID=+00");
        }

        /// RFC 3461 §4.4: the ENVID is at most 100 characters.
        @Test
        void aHundredCharactersOfEnvelopeId() {
            assertThat(said("ENVID=" + "e".repeat(100))).isPresent();
            badMail("ENVID=" + "e".repeat(101));
        }

        @Test
        void theEnvelopeIdIsPassedOnAsItCame() {
            for (String id : List.of("QQ314159", "a+2Bb", "a+20c+3Dd", "~!#")) {
                assertThat(DsnText.writeEnvelopeId(said("ENVID=" + id).orElseThrow().envelopeId().orElseThrow())).isEqualTo(id);
            }
        }
    }

    @Test
    void twiceIsOnceTooOften() {
        assertThat(PathCommand.mail("FROM:<> RET=FULL RET=FULL", OURS)).isEqualTo(new PathCommand.Refused(OurReplies.DUPLICATE_PARAMETER));
        assertThat(PathCommand.mail("FROM:<> ENVID=a envid=b", OURS)).isEqualTo(new PathCommand.Refused(OurReplies.DUPLICATE_PARAMETER));
        assertThat(PathCommand.rcpt("TO:<a@b> NOTIFY=NEVER NOTIFY=NEVER", OURS)).isEqualTo(new PathCommand.Refused(OurReplies.DUPLICATE_PARAMETER));
        assertThat(PathCommand.rcpt("TO:<a@b> ORCPT=rfc822;a NOTIFY=DELAY ORCPT=rfc822;a", OURS)).isEqualTo(new PathCommand.Refused(OurReplies.DUPLICATE_PARAMETER));
    }

    private static Optional<Notify> notice(String parameter) {
        return PathCommand.rcpt("TO:<a@b.example> " + parameter, OURS) instanceof PathCommand.Rcpt(Recipient recipient) ? Optional.of(recipient.notice()) : Optional.empty();
    }

    private static Optional<OriginalRecipient> original(String parameter) {
        return PathCommand.rcpt("TO:<a@b.example> " + parameter, OURS) instanceof PathCommand.Rcpt(Recipient recipient) ? recipient.original() : Optional.empty();
    }

    private static Optional<MailParameters> said(String parameters) {
        return PathCommand.mail("FROM:<a@b.example> " + parameters, OURS) instanceof PathCommand.Mail mail ? Optional.of(mail.parameters()) : Optional.empty();
    }

    private static void badRcpt(String... parameters) {
        for (String parameter : parameters) {
            PathCommand read = PathCommand.rcpt("TO:<a@b.example> " + parameter, OURS);
            assertThat(read).as(Escape.text(parameter, 100)).isIn(new PathCommand.Refused(OurReplies.BAD_PARAMETER), new PathCommand.Refused(OurReplies.BAD_RCPT_SYNTAX));
        }
    }

    private static void badMail(String... parameters) {
        for (String parameter : parameters) {
            assertThat(PathCommand.mail("FROM:<a@b.example> " + parameter, OURS)).as(parameter).isEqualTo(new PathCommand.Refused(OurReplies.BAD_PARAMETER));
        }
    }
}
