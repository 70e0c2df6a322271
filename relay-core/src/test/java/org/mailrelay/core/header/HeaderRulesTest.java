package org.mailrelay.core.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;

class HeaderRulesTest {

    private static final Masquerade OUTWARD = new Masquerade("outward", Map.of(Mailbox.of("root@app1.corp.example"), Mailbox.of("it@example.com")),
            Map.of(Domain.of("corp.example"), Domain.of("example.com")), Map.of(Domain.of("corp.example"), Domain.of("example.net")));
    private static final Hygiene BLIND = Hygiene.NONE.withRemoveBcc(true);
    private static final Hygiene MASKED = Hygiene.NONE.withMasquerade(OUTWARD);

    /// What is kept of a message that comes in pieces of so many octets.
    private static String through(HeaderGate gate, String message, int piece) {
        byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
        StringBuilder kept = new StringBuilder();
        for (int from = 0; from < octets.length; from += piece) {
            kept.append(text(gate.pass(octets, from, Math.min(octets.length, from + piece))));
        }
        return kept.append(text(gate.end())).toString();
    }

    private static String text(ByteBuffer octets) {
        return StandardCharsets.ISO_8859_1.decode(octets).toString();
    }

    private static HeaderGate gate(Hygiene hygiene) {
        return new HeaderGate(header -> HeaderRules.applied(hygiene, header), true);
    }

    private static String kept(Hygiene hygiene, String message) {
        HeaderGate gate = gate(hygiene);
        String whole = through(gate, message, message.length());
        for (int piece = 1; piece < Math.min(message.length(), 80); piece++) {
            HeaderGate other = gate(hygiene);
            assertThat(through(other, message, piece)).as("in pieces of %d", piece).isEqualTo(whole);
            assertThat(other.grown()).isEqualTo(gate.grown());
        }
        assertThat(gate.grown()).isEqualTo(whole.length() - message.length());
        return whole;
    }

    @Nested
    class Bcc {

        @Test
        void isTakenOutWithItsContinuationsInAnyCase() {
            assertThat(kept(BLIND, "From: a@b.example\r\nbCC : x@y.example,\r\n\tz@y.example\r\nResent-Bcc: q@r.example\r\nTo: c@d.example\r\n\r\nBcc: stays@body.example\r\n"))
                    .isEqualTo("From: a@b.example\r\nTo: c@d.example\r\n\r\nBcc: stays@body.example\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"X-Bcc: a\r\n\r\n", "Bccs: a\r\n\r\n", "\r\nBcc: a\r\n", " Bcc: a\r\nBcc: b\r\n", "no field\r\nBcc: a\r\n", "..Bcc: a\r\n\r\n", "", "\r\n"})
        void nothingElseIs(String message) {
            assertThat(kept(BLIND, message)).isEqualTo(message);
        }

        @Test
        void ofAMessageThatIsAllHeader() {
            assertThat(kept(BLIND, "Bcc: a@b.example\r\nSubject: x\r\n")).isEqualTo("Subject: x\r\n");
        }

        @Test
        void withoutTheEndOfItsLastLineNothingIsLost() {
            assertThat(kept(BLIND, "Subject: x\r\nBcc: cut o")).isEqualTo("Subject: x\r\nBcc: cut o");
        }
    }

    @Nested
    class Senders {

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "root@app1.corp.example|it@example.com",
            "Root@app1.corp.example|Root@example.net",
            "a@corp.example|a@example.com",
            "a@CORP.example|a@example.com",
            "a@deep.app.corp.example|a@example.net",
            "a@other.example|a@other.example",
            "a@notcorp.example|a@notcorp.example",
            "a@corp.example.org|a@corp.example.org"})
        void theWholeAddressWinsOverTheDomainTheDomainOverItsSuffix(String from, String to) {
            assertThat(OUTWARD.of(ReversePath.of(Mailbox.of(from)))).isEqualTo(ReversePath.of(Mailbox.of(to)));
        }

        @Test
        void theNullSenderStaysNobody() {
            assertThat(OUTWARD.of(ReversePath.NULL)).isEqualTo(ReversePath.NULL);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "Ann <a@corp.example>|Ann <a@example.com>",
            "a@corp.example, b@x.example, Carl <c@corp.example>|a@example.com, b@x.example, Carl <c@example.com>",
            "\"a@corp.example\" <a@corp.example>|\"a@corp.example\" <a@example.com>",
            "a@corp.example (was: a@corp.example (really \\) a@corp.example))|a@example.com (was: a@corp.example (really \\) a@corp.example))",
            "\"odd one\"@corp.example|\"odd one\"@corp.example",
            "\"odd\"@corp.example|\"odd\"@example.com",
            "a@[192.0.2.1], b@corp.example|a@[192.0.2.1], b@example.com",
            "<@x.example:a@corp.example>|<@x.example:a@example.com>",
            "a @corp.example|a @corp.example",
            "a@corp.example.|a@example.com",
            "a@corp.example@corp.example|a@example.com@corp.example",
            "(never closed a@corp.example|(never closed a@corp.example",
            "\"never closed a@corp.example|\"never closed a@corp.example"})
        void addressesOfAFieldAreReplacedAndAllElseStays(String from, String to) {
            assertThat(kept(MASKED, "From: " + from + "\r\n\r\n")).isEqualTo("From: " + to + "\r\n\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"From", "SENDER", "reply-to", "Resent-From", "Resent-Sender"})
        void inEveryFieldThatSaysWhoAMessageIsFrom(String name) {
            assertThat(kept(MASKED, name + ":\r\n a@corp.example\r\n\r\nx\r\n")).isEqualTo(name + ":\r\n a@example.com\r\n\r\nx\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"To", "Cc", "Subject", "Message-ID", "Received", "Return-Path", "DKIM-Signature"})
        void inNoOther(String name) {
            String message = name + ": <a@corp.example>\r\n\r\nFrom: a@corp.example\r\n";
            assertThat(kept(MASKED, message)).isEqualTo(message);
        }
    }

    @Test
    void aHeaderBeyondTheLimitIsGivenUpInBoundedMemory() {
        HeaderGate gate = gate(BLIND);
        byte[] line = ("X: " + "y".repeat(1_000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 2_000; i++) {
            assertThat(gate.pass(line, 0, line.length).remaining()).isZero();
        }
        assertThat(gate.tooLong()).isTrue();
        assertThat(gate.end().remaining()).isZero();
        assertThat(gate.header()).isEmpty();
    }

    @Test
    void octetsThatAreNoTextPassUnharmed() {
        StringBuilder all = new StringBuilder("Subject: ");
        for (char c = 1; c < 256; c++) {
            all.append(c == '\r' || c == '\n' ? ' ' : c);
        }
        String message = all + "\r\n\r\n" + all + "\r\n";
        assertThat(kept(MASKED, message)).isEqualTo(message);
    }
}
