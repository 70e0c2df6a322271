package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.BareLineEndings;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.header.Masquerade;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.queue.QueuedMessage;

/// What a policy does for the messages that come under it.
class HygieneTest {

    private static final Hygiene BLIND = Hygiene.NONE.withRemoveBcc(true);
    private static final Masquerade OUTWARD = new Masquerade("outward", Map.of(), Map.of(Domain.of("example.com"), Domain.of("example.org")), Map.of());

    @TempDir
    Path folder;

    private ListenerFixture relay(MailFlowPolicy policy) throws Exception {
        return ListenerFixture.in(folder).policy(policy).open();
    }

    private static MailFlowPolicy with(Hygiene hygiene) {
        return ListenerFixture.relaying().withHygiene(hygiene);
    }

    private static void sizesAgree(QueuedMessage message, String stored) {
        assertThat(message.content().trueSize()).isEqualTo(message.prologue().length + stored.length() - message.content().stuffedDots());
    }

    @Test
    void bccIsTakenOutOfDataAndTheSizeIsOfWhatIsKept() throws Exception {
        try (ListenerFixture relay = relay(with(BLIND)); Client client = relay.inData()) {
            client.send("Subject: x\r\nBcc: secret@example.org,\r\n");
            client.send(" other@example.org\r\n\r\n..body\r\nBcc: not a field\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n\r\n..body\r\nBcc: not a field\r\n");
            sizesAgree(message, relay.stored(message));
        }
    }

    /// RFC 5321 §4.5.2: a dot at a line's start is stuffing though the client has not put it there, and the line is kept without it.
    @Test
    void aLoneDotBeforeAFieldIsCountedAsItIsKept() throws Exception {
        try (ListenerFixture relay = relay(with(BLIND)); Client client = relay.inData()) {
            assertThat(client.ask(".Subject: x\r\n..Odd: y\r\nBcc: secret@example.org\r\n\r\n.lone\r\n.")).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n..Odd: y\r\n\r\n.lone\r\n");
            sizesAgree(message, relay.stored(message));
        }
    }

    /// A blank behind such a dot makes the line a continuation, as for whoever reads the message later.
    @Test
    void aLoneDotBeforeABlankIsFoldedAsItIsRead() throws Exception {
        try (ListenerFixture relay = relay(with(BLIND)); Client client = relay.inData()) {
            assertThat(client.ask("Bcc: secret@example.org,\r\n. other: x@example.org\r\nSubject: x\r\n. more\r\n\r\nbody\r\n.")).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n more\r\n\r\nbody\r\n");
            sizesAgree(message, relay.stored(message));
        }
        try (ListenerFixture relay = relay(with(BLIND)); Client client = relay.inData()) {
            assertThat(client.ask(". no: field\r\nBcc: in the body\r\n.")).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(relay.stored(message)).isEqualTo(". no: field\r\nBcc: in the body\r\n");
            sizesAgree(message, relay.stored(message));
        }
    }

    @Test
    void bccIsTakenOutOfChunksOfTextAndOfBinaryContent() throws Exception {
        try (ListenerFixture relay = relay(with(BLIND)); Client client = relay.greeted()) {
            for (String body : new String[] {"", " BODY=BINARYMIME"}) {
                client.ask("MAIL FROM:<a@example.com>" + body);
                client.ask("RCPT TO:<b@example.org>");
                String first = "Subject: x\r\nBc";
                String rest = "c: secret@example.org\r\n\r\n.\r\nbody\r\n";
                client.send("BDAT " + first.length() + "\r\n" + first);
                assertThat(client.reply()).startsWith("250 ");
                client.send("BDAT " + rest.length() + " LAST\r\n" + rest);
                assertThat(client.reply()).startsWith("250 ");
                QueuedMessage message = relay.nextQueued();
                assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n\r\n" + (body.isEmpty() ? "." : "") + ".\r\nbody\r\n");
                sizesAgree(message, relay.stored(message));
            }
        }
    }

    @Test
    void bccBehindMendedLineEndsIsTakenOutToo() throws Exception {
        try (ListenerFixture relay = relay(with(BLIND).withBareLineEndings(BareLineEndings.NORMALISE)); Client client = relay.inData()) {
            client.send("Subject: x\nBcc: secret@example.org\n\nbody\n.\nmore\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n\r\nbody\r\n..\r\nmore\r\n");
            sizesAgree(message, relay.stored(message));
        }
    }

    @Test
    void withoutBeingAskedNothingIsTouched() throws Exception {
        try (ListenerFixture relay = relay(ListenerFixture.relaying()); Client client = relay.inData()) {
            client.ask("Bcc: kept@example.org\r\nFrom: a@example.com\r\n\r\nx\r\n.");
            assertThat(relay.stored(relay.nextQueued())).isEqualTo("Bcc: kept@example.org\r\nFrom: a@example.com\r\n\r\nx\r\n");
        }
    }

    @Test
    void aMasqueradeChangesTheEnvelopesSenderAndTheHeaders() throws Exception {
        try (ListenerFixture relay = relay(with(Hygiene.NONE.withMasquerade(OUTWARD))); Client client = relay.inData()) {
            client.ask("From: Ann <a@example.com>\r\nTo: c@example.com\r\n\r\nFrom: a@example.com\r\n.");
            QueuedMessage message = relay.nextQueued();
            assertThat(message.envelope().sender()).hasToString("<a@example.org>");
            assertThat(relay.stored(message)).isEqualTo("From: Ann <a@example.org>\r\nTo: c@example.com\r\n\r\nFrom: a@example.com\r\n");
            sizesAgree(message, relay.stored(message));
            assertThat(relay.seen(MessageEvent.SenderGiven.class)).singleElement().satisfies(seen -> assertThat(seen.sender()).as("as the client said it").hasToString("<a@example.com>"));
        }
    }

    @Test
    void aRecipientsAliasIsDeliveredToAndReportedUnderTheNameThatWasWritten() throws Exception {
        Masquerade inside = new Masquerade("inside", Map.of(Mailbox.of("root@app1.example.com"), Mailbox.of("it@example.com")), Map.of(Domain.of("old.example"), Domain.of("new.example")), Map.of());
        try (ListenerFixture relay = relay(with(Hygiene.NONE.withAliases(inside))); Client client = relay.greeted()) {
            client.ask("MAIL FROM:<root@app1.example.com>");
            for (String to : List.of("root@app1.example.com> NOTIFY=FAILURE", "a@old.example> ORCPT=rfc822;b@example.net", "c@other.example>")) {
                assertThat(client.ask("RCPT TO:<" + to)).startsWith("250 2.1.5 recipient <" + to.substring(0, to.indexOf('>')));
            }
            client.ask("DATA");
            client.send("To: root@app1.example.com\r\n\r\nx\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(message.envelope().sender()).as("the sender is nobody's alias").hasToString("<root@app1.example.com>");
            assertThat(message.envelope().recipients()).extracting(recipient -> recipient.mailbox() + " " + recipient.original().map(original -> original.type() + ";" + original.address()).orElse("-"))
                    .containsExactly("it@example.com rfc822;root@app1.example.com", "a@new.example rfc822;b@example.net", "c@other.example -");
            assertThat(relay.stored(message)).startsWith("To: root@app1.example.com\r\n");
        }
    }

    @Test
    void R_LOOP_1_howManyReceivedFieldsMakeALoopIsThePolicys() throws Exception {
        Hygiene few = Hygiene.NONE.withLimits(new Hygiene.ContentLimits(50, 1 << 20, 1_000));
        try (ListenerFixture relay = relay(with(few)); Client client = relay.inData()) {
            client.send("Received: x\r\n".repeat(50) + "\r\nx\r\n.\r\n");
            assertThat(client.reply()).isEqualTo("554 5.4.6 message loop: too many Received fields");
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n" + "Received: x\r\n".repeat(49) + "\r\nx\r\n.\r\n");
            client.reply();
            client.reply();
            client.reply();
            assertThat(client.reply()).startsWith("250 ");
        }
    }

    /// RFC 5322 §2.1.1: "Each line of characters MUST be no more than 998 characters [...] excluding the CRLF."
    @Test
    void R_TXN_7_linesThatNoHostMustTakeAreEncodedOrPassAsThePolicySays() throws Exception {
        String wire = "Subject: " + "word ".repeat(300) + "\r\n\r\n" + "y".repeat(999) + "\u00fc\r\n.\r\n";
        try (ListenerFixture relay = relay(with(Hygiene.NONE)); Client client = relay.inData()) {
            client.send(wire);
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(relay.stored(message).lines()).allMatch(line -> line.length() <= 998);
            assertThat(relay.stored(message)).contains("Content-Transfer-Encoding: quoted-printable", "y=\r\n");
            assertThat(relay.seen(MessageEvent.ContentConverted.class)).singleElement().satisfies(event -> assertThat(event.to()).isEqualTo(SevenBitPlan.Target.EIGHT_BIT));
            sizesAgree(message, relay.stored(message));
        }
        try (ListenerFixture relay = relay(with(Hygiene.NONE.withLongLines(Hygiene.LongLines.PASS))); Client client = relay.inData()) {
            client.send(wire);
            assertThat(client.reply()).startsWith("250 ");
            assertThat(relay.stored(relay.nextQueued()) + ".\r\n").isEqualTo(wire);
        }
    }

    @Test
    void R_TXN_7_whatOthersHaveSignedPassesWithItsLongLines() throws Exception {
        String wire = "DKIM-Signature: v=1; of another\r\n\r\n" + "y".repeat(5_000) + "\r\n.\r\n";
        try (ListenerFixture relay = relay(with(Hygiene.NONE)); Client client = relay.inData()) {
            client.send(wire);
            assertThat(client.reply()).startsWith("250 ");
            assertThat(relay.stored(relay.nextQueued()) + ".\r\n").isEqualTo(wire);
            assertThat(relay.seen(MessageEvent.ContentConverted.class)).singleElement().satisfies(event -> assertThat(event.hindrance()).contains("signed with DKIM"));
        }
    }

    /// What is read is bounded by the message's size, what is held of it while it is converted by a header.
    @Test
    void B_DOS_oneLineOfManyMebibytesIsConvertedLikeAnyOther() throws Exception {
        try (ListenerFixture relay = relay(with(Hygiene.NONE)); Client client = relay.inData()) {
            client.send("Subject: x\r\n\r\n");
            for (int i = 0; i < 160; i++) {
                client.send("y".repeat(64 * 1024));
            }
            client.send("\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(message.content().trueSize()).isBetween(10L << 20, 12L << 20);
        }
    }

    @Test
    void R_SRV_6_aLineBeyondThePolicysLimitIsRefusedAtTheMessagesEnd() throws Exception {
        Hygiene narrow = Hygiene.NONE.withLimits(new Hygiene.ContentLimits(100, 1 << 20, 998));
        try (ListenerFixture relay = relay(with(narrow)); Client client = relay.inData()) {
            client.send("Subject: x\r\n\r\n" + "y".repeat(999) + "\r\n.\r\n");
            assertThat(client.reply()).isEqualTo("554 5.6.0 a line of the message is too long");
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).singleElement().satisfies(seen -> assertThat(seen.why()).isEqualTo(ReceivingFailure.LINE_LENGTH));
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n" + "y".repeat(998) + "\r\n.\r\n");
            client.reply();
            client.reply();
            client.reply();
            assertThat(client.reply()).startsWith("250 ");
        }
    }

    @Test
    void R_SRV_6_aHeaderBeyondThePolicysLimitIsRefusedAndABodyOfThatSizeIsNot() throws Exception {
        Hygiene small = Hygiene.NONE.withLimits(new Hygiene.ContentLimits(100, 2_000, Long.MAX_VALUE));
        try (ListenerFixture relay = relay(with(small)); Client client = relay.inData()) {
            client.send("X: " + "y".repeat(2_000) + "\r\n\r\nx\r\n.\r\n");
            assertThat(client.reply()).isEqualTo("552 5.3.4 header too large");
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).singleElement().satisfies(seen -> assertThat(seen.why()).isEqualTo(ReceivingFailure.HEADER_SIZE));
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nX: y\r\n\r\n" + "y".repeat(5_000) + "\r\n.\r\n");
            client.reply();
            client.reply();
            client.reply();
            assertThat(client.reply()).startsWith("250 ");
        }
    }

    @Test
    void aHeaderThatCannotBeHeldIsRefusedWhereItWouldHaveToBeChanged() throws Exception {
        Hygiene large = BLIND.withLimits(new Hygiene.ContentLimits(100, 1 << 20, Long.MAX_VALUE));
        try (ListenerFixture relay = relay(with(large)); Client client = relay.inData()) {
            client.send(("X: " + "y".repeat(1_000) + "\r\n").repeat(300) + "\r\nx\r\n.\r\n");
            assertThat(client.reply()).isEqualTo("552 5.3.4 header too large");
            assertThat(relay.queued.poll()).isNull();
            assertThat(relay.seen(MessageEvent.Queued.class)).isEmpty();
        }
    }
}
