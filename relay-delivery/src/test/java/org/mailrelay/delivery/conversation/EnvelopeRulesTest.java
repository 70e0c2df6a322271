package org.mailrelay.delivery.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;

/// A13, A14: what is said of an envelope to a host, by what it offers.
class EnvelopeRulesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final Reply OK = Reply.of(250, "ok");

    private static PeerOffer offers(Keyword... keywords) {
        Set<Keyword> all = EnumSet.of(Keyword.PIPELINING);
        all.addAll(Arrays.asList(keywords));
        return new PeerOffer(true, all, OptionalLong.empty());
    }

    private static Transaction message(MailParameters parameters, boolean eightBit, Recipient... to) {
        List<Transaction.Addressee> recipients = java.util.stream.IntStream.range(0, to.length).mapToObj(i -> new Transaction.Addressee(i, to[i])).toList();
        WireBody body = ExchangeTest.message(1, 10, false, 0, true).body();
        return new Transaction(new Mid(1), ReversePath.of("a@example.net"), parameters, recipients, new Content(10, 0, eightBit, Optional.empty(), Optional.empty()), NOW, body);
    }

    private static List<String> said(Transaction message, PeerOffer offer) {
        List<byte[]> lines = switch (new Exchange(message, offer).start()) {
            case Exchange.Action.Send(var all) -> all;
            case Exchange.Action.SendContent(var before) -> before;
            case Exchange.Action.Await _, Exchange.Action.Done _ -> List.of();
        };
        return lines.stream().map(line -> new String(line, StandardCharsets.UTF_8).strip()).toList();
    }

    private static RecipientResult.Unfit unfit(Transaction message, PeerOffer offer) {
        return (RecipientResult.Unfit) ((Exchange.Action.Done) new Exchange(message, offer).start()).result().recipients().getFirst();
    }

    private static final Recipient PLAIN = Recipient.of("r@example.com");
    private static final Recipient UMLAUT = Recipient.of(new Mailbox("m\u00fcller", org.mailrelay.core.mail.Domain.of("example.com")));

    @Test
    void R_TXN_1_nothingIsSaidThatIsNotOffered() {
        MailParameters all = MailParameters.NONE.withReturned(ReturnedPart.HEADERS).withEnvelopeId("id+1=x y")
                .withDeliverBy(new DeliverBy(NOW.plusSeconds(60), DeliverBy.Mode.NOTIFY, false));
        Recipient to = new Recipient(Mailbox.of("r@example.com"), Notify.NEVER, Optional.of(new OriginalRecipient("rfc822", "old+r@example.org")));
        assertThat(said(message(all, false, to), offers())).containsExactly("MAIL FROM:<a@example.net>", "RCPT TO:<r@example.com>", "DATA");
    }

    /// RFC 3461 §5.2.1; the `+` of an address is encoded again.
    @Test
    void R_DSN_2_whatTheSenderWantsToHearIsPassedOn() {
        MailParameters asked = MailParameters.NONE.withReturned(ReturnedPart.FULL).withEnvelopeId("id+1=x y");
        Recipient to = new Recipient(Mailbox.of("r@example.com"), Notify.on(Notify.Event.SUCCESS, Notify.Event.DELAY), Optional.of(new OriginalRecipient("rfc822", "old+r@example.org")));
        assertThat(said(message(asked, false, to, PLAIN), offers(Keyword.DSN, Keyword.SIZE))).containsExactly("MAIL FROM:<a@example.net> SIZE=10 RET=FULL ENVID=id+2B1+3Dx+20y",
                "RCPT TO:<r@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+2Br@example.org", "RCPT TO:<r@example.com>", "DATA");
    }

    /// RFC 3461 §5.2.2: whoever makes the reports must know whether the host was told.
    @Test
    void R_DSN_2_theResultTellsWhetherItWasPassedOn() {
        for (boolean offered : List.of(true, false)) {
            Exchange exchange = new Exchange(message(MailParameters.NONE, false, PLAIN), offered ? offers(Keyword.DSN) : offers());
            exchange.start();
            exchange.on(OK);
            exchange.on(OK);
            exchange.on(Reply.of(354, "go"));
            assertThat(((Exchange.Action.Done) exchange.on(OK)).result().dsnPassedOn()).isEqualTo(offered);
        }
    }

    @Test
    void R_UTF8_1_anAddressBeyondAsciiIsNeverAlteredAndGoesOnlyWhereItMay() {
        assertThat(said(message(MailParameters.NONE, false, UMLAUT), offers(Keyword.SMTPUTF8, Keyword.EIGHTBITMIME)))
                .containsExactly("MAIL FROM:<a@example.net> SMTPUTF8", "RCPT TO:<m\u00fcller@example.com>", "DATA");
        assertThat(unfit(message(MailParameters.NONE, false, UMLAUT), offers())).satisfies(why -> {
            assertThat(why.code()).hasToString("5.6.7");
            assertThat(why.elsewhere()).isTrue();
        });
    }

    @Test
    void R_UTF8_1_theOtherRecipientsGetTheirs() {
        Exchange exchange = new Exchange(message(MailParameters.NONE, false, UMLAUT, PLAIN, UMLAUT), offers());
        assertThat(((Exchange.Action.Send) exchange.start()).lines()).hasSize(3);
        exchange.on(OK);
        exchange.on(OK);
        exchange.on(Reply.of(354, "go"));
        List<RecipientResult> results = ((Exchange.Action.Done) exchange.on(OK)).result().recipients();
        assertThat(results.get(1)).isEqualTo(new RecipientResult.Delivered(OK));
        assertThat(List.of(results.get(0), results.get(2))).allMatch(RecipientResult.Unfit.class::isInstance);
    }

    @Test
    void R_UTF8_1_aHeaderThatMayHoldUtf8NeedsItAndOneWithout8BitContentDoesNot() {
        MailParameters asked = MailParameters.NONE.withSmtpUtf8(true);
        assertThat(unfit(message(asked, true, PLAIN), offers(Keyword.EIGHTBITMIME)).code()).hasToString("5.6.9");
        assertThat(said(message(asked, false, PLAIN), offers())).first().isEqualTo("MAIL FROM:<a@example.net>");
        assertThat(said(message(asked, true, PLAIN), offers(Keyword.SMTPUTF8, Keyword.EIGHTBITMIME))).first().isEqualTo("MAIL FROM:<a@example.net> BODY=8BITMIME SMTPUTF8");
    }

    /// R-TXN-2.
    @Test
    void B_INJ_nothingThatEndsALineGetsIntoACommand() {
        for (String bad : List.of("a\r\nb", "a\u0000b", "a\u0085b", "a\u2028b", "\ud800")) {
            assertThatThrownBy(() -> org.mailrelay.core.smtp.CommandText.line("RCPT TO:<" + bad + "@example.com>", true)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> org.mailrelay.core.smtp.CommandText.line("RCPT TO:<\u010a@example.com>", false)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void R_CHUNK_2_binaryContentGoesInChunksOrNotAtAll() {
        MailParameters binary = MailParameters.of(BodyType.BINARY_MIME);
        assertThat(said(message(binary, true, PLAIN), offers(Keyword.BINARYMIME, Keyword.CHUNKING))).containsExactly("MAIL FROM:<a@example.net> BODY=BINARYMIME", "RCPT TO:<r@example.com>");
        for (PeerOffer less : List.of(offers(Keyword.BINARYMIME), offers(Keyword.CHUNKING), offers(Keyword.EIGHTBITMIME))) {
            assertThat(unfit(message(binary, false, PLAIN), less)).satisfies(why -> {
                assertThat(why.code()).hasToString("5.6.3");
                assertThat(why.elsewhere()).isTrue();
            });
        }
    }

    @Test
    void R_RTLS_2_whatRequiresTlsGoesOnlyWhereThatIsRepeated() {
        MailParameters strict = MailParameters.NONE.withRequireTls(true);
        assertThat(said(message(strict, false, PLAIN), offers(Keyword.REQUIRETLS))).first().isEqualTo("MAIL FROM:<a@example.net> REQUIRETLS");
        assertThat(unfit(message(strict, false, PLAIN), offers()).code()).hasToString("5.7.30");
        assertThat(unfit(message(strict, false, PLAIN), new PeerOffer(false, Set.of(Keyword.REQUIRETLS), OptionalLong.empty())).code()).as("in the clear").hasToString("5.7.30");
    }

    private static MailParameters by(long seconds, DeliverBy.Mode mode) {
        return MailParameters.NONE.withDeliverBy(new DeliverBy(NOW.plus(Duration.ofSeconds(seconds)), mode, true));
    }

    @Test
    void R_DBY_1_theTimeThatIsLeftIsPassedOn() {
        assertThat(said(message(by(300, DeliverBy.Mode.RETURN), false, PLAIN), offers(Keyword.DELIVERBY))).first().isEqualTo("MAIL FROM:<a@example.net> BY=300;RT");
        assertThat(said(message(by(-5, DeliverBy.Mode.NOTIFY), false, PLAIN), offers(Keyword.DELIVERBY))).first().isEqualTo("MAIL FROM:<a@example.net> BY=-5;NT");
        assertThat(said(message(by(300, DeliverBy.Mode.NOTIFY), false, PLAIN), offers())).first().isEqualTo("MAIL FROM:<a@example.net>");
    }

    @Test
    void R_DBY_1_whatMustBeReturnedInTimeGoesOnlyToAHostThatSeesToIt() {
        assertThat(unfit(message(by(0, DeliverBy.Mode.RETURN), false, PLAIN), offers(Keyword.DELIVERBY))).satisfies(why -> {
            assertThat(why.code()).hasToString("5.4.7");
            assertThat(why.elsewhere()).isFalse();
        });
        assertThat(unfit(message(by(300, DeliverBy.Mode.RETURN), false, PLAIN), offers()).elsewhere()).isTrue();
        PeerOffer slow = new PeerOffer(true, Set.of(Keyword.DELIVERBY), OptionalLong.empty(), OptionalLong.of(301));
        assertThat(unfit(message(by(300, DeliverBy.Mode.RETURN), false, PLAIN), slow).words()).isEqualTo("300 s are left for delivery, the host asks for 301");
        assertThat(said(message(by(300, DeliverBy.Mode.NOTIFY), false, PLAIN), slow)).first().isEqualTo("MAIL FROM:<a@example.net> BY=300;NT");
    }
}
