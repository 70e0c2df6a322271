package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 5321 §4.1.1.4: only CRLF.CRLF ends the data. What looks like commands behind anything else is content and never executed.
class SmugglingTest {

    private static final String SECOND = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nsecond\r\n";

    private static ListenerFixture relay;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        relay = new ListenerFixture(folder, ListenerFixture.relayingAsItComes());
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
    }

    /// Every row of the catalogue, and ours: none of them ends the data.
    static final List<String> FALSE_ENDS = List.of("\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n\0.\r\n", "\r\n.\0\r\n",
            "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\n..\n", "\r\n.\r\0\n", "\n\n.\n\n");
    /// Rows that are ordinary content.
    static final List<String> CONTENT = List.of("\r\n. \r\n", "\r\n.\t\r\n", "\r\n \r\n", "\r\n ..\r\n", "\r\n..\r\n", "\r\n .\r\n", "\u0085.\u0085", "\u000b.\u000c",
            "\u00e2\u0080\u00a8.\u00e2\u0080\u00a9");

    /// Whole, and cut into two segments at each octet.
    private static Stream<Arguments> cuts(List<String> rows) {
        return rows.stream().flatMap(row -> IntStream.rangeClosed(0, row.length()).mapToObj(at -> Arguments.of(row, at)));
    }

    static Stream<Arguments> falseEnds() {
        return cuts(FALSE_ENDS);
    }

    static Stream<Arguments> content() {
        return cuts(CONTENT);
    }

    @ParameterizedTest
    @MethodSource("falseEnds")
    void B_SMUG_aFalseEndOfDataIsContentAndSpoilsTheMessage(String end, int cut) throws Exception {
        try (Client client = relay.inData()) {
            client.sendApart("Subject: x\r\n\r\nfirst" + end.substring(0, cut), end.substring(cut) + SECOND + ".\r\n");
            assertThat(client.reply()).isEqualTo("550 5.5.2 the message holds a bare CR, a bare LF or a NUL");
            assertThat(client.ask("NOOP")).startsWith("250 ");
        }
        assertThat(relay.queued).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("content")
    void B_SMUG_whatOnlyLooksLikeAnEndIsStoredOctetForOctet(String content, int cut) throws Exception {
        String body = "Subject: x\r\n\r\nfirst" + content + SECOND;
        try (Client client = relay.inData()) {
            client.sendApart(body.substring(0, 19 + cut), body.substring(19 + cut) + ".\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
        }
        assertThat(relay.stored(relay.nextQueued())).isEqualTo(body);
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_SMUG_theSameInTlsRecordsOfEachLength() throws Exception {
        for (String end : FALSE_ENDS) {
            try (Client client = relay.greeted()) {
                client.ask("STARTTLS");
                client.startTls();
                client.ask("EHLO c.example.com");
                client.ask("MAIL FROM:<a@example.com>");
                client.ask("RCPT TO:<b@example.org>");
                client.ask("DATA");
                client.send("first");
                client.sendApart(end.split(""));
                client.send(SECOND + ".\r\n");
                assertThat(client.reply()).startsWith("550 5.5.2 ");
                assertThat(client.ask("NOOP")).startsWith("250 ");
            }
        }
        assertThat(relay.queued).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {4_096, 8_192, 16_384, 65_536})
    void B_SMUG_theTrueEndAtTheEdgeOfABuffer(int edge) throws Exception {
        for (int before = 0; before <= 5; before++) {
            String body = "x".repeat(edge - before - 2) + "\r\n";
            try (Client client = relay.inData()) {
                client.send(body + ".\r\nNOOP\r\n");
                assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
                assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
            }
            assertThat(relay.stored(relay.nextQueued())).isEqualTo(body);
        }
    }

    @Test
    void B_SMUG_aBareCrBeforeTheTrueEndSpoilsTheMessageAndEndsIt() throws Exception {
        try (Client client = relay.inData()) {
            client.send("first\r\r\n.\r\nNOOP\r\n");
            assertThat(client.reply()).startsWith("550 5.5.2 ");
            assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
        }
    }

    @Test
    void B_SMUG_aHeaderWithBareLfDoesNotSwitchAMode() throws Exception {
        try (Client client = relay.inData()) {
            client.send("Subject: x\nTo: y\n\nbody\n.\n" + SECOND + ".\r\n");
            assertThat(client.reply()).startsWith("550 5.5.2 ");
            assertThat(client.ask("NOOP")).startsWith("250 ");
        }
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void theTrueEndWorksHoweverItIsCutIntoSegments() throws Exception {
        String body = "Subject: x\r\n\r\none\r\n..two\r\n";
        try (Client client = relay.inData()) {
            for (char octet : (body + ".\r\n").toCharArray()) {
                client.send(String.valueOf(octet));
            }
            assertThat(client.reply()).startsWith("250 ");
        }
        assertThat(relay.stored(relay.nextQueued())).isEqualTo(body);
    }

    @Test
    void aTransactionPipelinedBehindTheTrueEndIsASecondMessage() throws Exception {
        try (Client client = relay.inData()) {
            client.send("first\r\n.\r\n" + SECOND + ".\r\nQUIT\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(client.reply()).isEqualTo("250 2.1.0 sender <evil@example.com> ok");
            assertThat(client.reply()).isEqualTo("250 2.1.5 recipient <victim@example.org> ok");
            assertThat(client.reply()).isEqualTo("354 go ahead");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(client.reply()).startsWith("221 ");
            assertThat(client.closed()).isTrue();
        }
        assertThat(relay.stored(relay.nextQueued())).isEqualTo("first\r\n");
        assertThat(relay.stored(relay.nextQueued())).isEqualTo("second\r\n");
    }

    @Test
    void anEmptyMessageIsAMessage() throws Exception {
        try (Client client = relay.inData()) {
            client.send(".\r\n");
            assertThat(client.reply()).startsWith("250 ");
        }
        assertThat(relay.stored(relay.nextQueued())).isEmpty();
    }
}
