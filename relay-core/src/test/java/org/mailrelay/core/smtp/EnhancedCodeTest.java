package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;

class EnhancedCodeTest {

    @Test
    void R_ESC_2_onlyWellFormedCodesOfTheRepliesClassCount() {
        assertThat(Reply.of(550, "5.1.1 no such user").enhancedCode()).contains(new EnhancedCode(5, 1, 1));
        assertThat(Reply.of(550, "5.1.1").enhancedCode()).contains(new EnhancedCode(5, 1, 1));
        assertThat(Reply.of(550, "5.123.456 x").enhancedCode()).contains(new EnhancedCode(5, 123, 456));
        for (String text : List.of("4.1.1 x", "5.1 x", "5.1.1x", "5.1.1.1 x", "5.1234.1 x", "5..1 x", "#5.1.1 x", " 5.1.1 x", "5.1.1\tx", "", "5", "5.", "no 5.1.1")) {
            assertThat(Reply.of(550, text).enhancedCode()).as(text).isEmpty();
            assertThat(Reply.of(550, text).enhancedCodeOrDerived()).as(text).contains(new EnhancedCode(5, 0, 0));
        }
        assertThat(Reply.of(354, "3.0.0 go").enhancedCodeOrDerived()).isEmpty();
    }

    @Test
    void wordsAreTheEsasWhereAttestedElseRfc3463s() {
        assertThat(new EnhancedCode(5, 1, 1).words()).isEqualTo("Bad destination email address");
        assertThat(new EnhancedCode(4, 3, 2).words()).isEqualTo("Not accepting messages at this time");
        assertThat(new EnhancedCode(5, 4, 7).words()).isEqualTo("Delivery expired (message too old)");
        assertThat(new EnhancedCode(4, 7, 4).words()).isEqualTo("Security features not supported");
        assertThat(new EnhancedCode(5, 7, 1).words()).isEqualTo("Delivery not authorized, message refused");
        assertThat(new EnhancedCode(5, 7, 99).words()).isEqualTo("Other or undefined security status");
        assertThat(new EnhancedCode(5, 99, 9).words()).isEqualTo("Other undefined status");
    }

    @Test
    void R_ESC_1_everyReplyOfOursCarriesItsCodeAndFitsTheGrammar() throws ReflectiveOperationException {
        for (var field : OurReplies.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.get(null) instanceof OurReply reply) {
                assertThat(reply.enhancedCode().isPresent()).as(field.getName()).isEqualTo(reply.code() / 100 != 3);
                Reply read = read(reply);
                assertThat(read.enhancedCode()).as(field.getName()).isEqualTo(reply.enhancedCode());
            }
        }
    }

    /// RFC 3463 §3: what each code stands for, in the words that we answer clients with.
    @Test
    void R_ESC_3_eachRefusalHasTheCodeThatStandsForIt() {
        Map<OurReply, String> codes = Map.ofEntries(Map.entry(OurReplies.BARE_LINE_ENDING, "5.5.2"), Map.entry(OurReplies.BARE_LINE_END_IN_COMMAND, "5.5.2"),
                Map.entry(OurReplies.BAD_PARAMETER, "5.5.4"), Map.entry(OurReplies.TOO_LARGE, "5.3.4"), Map.entry(OurReplies.NO_SPACE, "4.3.1"), Map.entry(OurReplies.LOOP, "5.4.6"),
                Map.entry(OurReplies.NON_ASCII_ADDRESS, "5.6.7"), Map.entry(OurReplies.RELAYING_DENIED, "5.7.1"), Map.entry(OurReplies.AUTH_REFUSED, "5.7.8"),
                Map.entry(OurReplies.IDLE_TOO_LONG, "4.4.2"), Map.entry(OurReplies.BAD_RECIPIENT_ADDRESS, "5.1.3"));
        codes.forEach((reply, code) -> assertThat(reply.enhancedCode()).as("%s", reply).hasValueSatisfying(found -> assertThat(found).hasToString(code)));
    }

    @Test
    void attestedWords() {
        assertThat(OurReplies.accepted(new Mid(6)).wire()).asString().isEqualTo("250 2.0.0 ok: Message 6 accepted\r\n");
        assertThat(OurReplies.senderOk(ReversePath.of("a@b.example")).wire()).asString().isEqualTo("250 2.1.0 sender <a@b.example> ok\r\n");
        assertThat(OurReplies.recipientOk(Mailbox.of("a@b.example")).wire()).asString().isEqualTo("250 2.1.5 recipient <a@b.example> ok\r\n");
    }

    @Test
    void R_SRV_4_ourEhloReplyPassesOurOwnParser() {
        EhloReply peer = EhloReply.parse(read(OurReplies.ehlo(Domain.of("relay.example.com"), List.of("8BITMIME", "SIZE 100", "STARTTLS"))), EhloReading.STRICT);
        assertThat(peer.domain()).isEqualTo("relay.example.com");
        assertThat(peer.keywords().keySet()).containsExactly("8BITMIME", "SIZE", "STARTTLS");
        assertThat(peer.findings()).isEmpty();
    }

    @Test
    void turkishLocaleLosesNoKeyword() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.of("tr", "TR"));
            EhloReply peer = EhloReply.parse(Reply.of(250, "a", "pipelining", "size 10"), EhloReading.STRICT);
            assertThat(Arrays.asList(peer.has(Keyword.PIPELINING), peer.has(Keyword.SIZE))).containsOnly(true);
        } finally {
            Locale.setDefault(before);
        }
    }

    private static Reply read(OurReply reply) {
        ReplyResult result = new ReplyReader(true).read(java.nio.ByteBuffer.wrap(reply.wire()));
        assertThat(result).isInstanceOf(ReplyResult.Complete.class);
        return ((ReplyResult.Complete) result).reply();
    }
}
