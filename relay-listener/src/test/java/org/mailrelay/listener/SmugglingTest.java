package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 5321 §4.1.1.4: only CRLF.CRLF ends the data. What looks like commands behind anything else is content and never executed.
class SmugglingTest {

    private static final String SECOND = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nsecond\r\n";

    private ListenerFixture relay;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        relay = new ListenerFixture(folder, ListenerFixture.relaying());
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n\0.\r\n", "\r\n.\0\r\n",
            "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\n..\n"})
    void aFalseEndOfDataIsContentAndSpoilsTheMessage(String end) throws Exception {
        try (Client client = relay.inData()) {
            client.send("Subject: x\r\n\r\nfirst" + end + SECOND + ".\r\n");
            assertThat(client.reply()).isEqualTo("550 5.5.2 the message holds a bare CR, a bare LF or a NUL");
            assertThat(client.ask("NOOP")).startsWith("250 ");
        }
        assertThat(relay.queued).isEmpty();
        assertThat(relay.spool.status().messages()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n. \r\n", "\r\n.\t\r\n", "\r\n \r\n", "\r\n ..\r\n", "\r\n..\r\n", "\u0085.\u0085", "\u000b.\u000c"})
    void whatOnlyLooksLikeAnEndIsStoredOctetForOctet(String content) throws Exception {
        String body = "Subject: x\r\n\r\nfirst" + content + SECOND;
        try (Client client = relay.inData()) {
            client.send(body + ".\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
        }
        assertThat(relay.stored(relay.nextQueued())).isEqualTo(body);
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
