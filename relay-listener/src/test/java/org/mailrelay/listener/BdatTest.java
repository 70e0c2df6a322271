package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.queue.QueuedMessage;

/// CHUNKING (RFC 3030): chunks are octet-exact, each gets one reply behind its octets, and every row of B-BDAT.
class BdatTest {

    private static ListenerFixture relay;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        relay = ListenerFixture.in(folder).policy(ListenerFixture.relayingAsItComes().withLimits(new MailFlowPolicy.Limits(100_000, 10_000, 100, 100))).open();
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
    }

    private static Client ready() throws IOException {
        Client client = relay.greeted();
        client.ask("MAIL FROM:<a@example.com>");
        client.ask("RCPT TO:<b@example.org>");
        return client;
    }

    @Test
    void R_CHUNK_1_oneChunkIsAMessage() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 12 LAST\r\nSubject: x\r\nMAIL FROM:<c@example.com>\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(client.reply()).startsWith("250 2.1.0 ");
        }
        QueuedMessage message = relay.nextQueued();
        assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n");
        assertThat(message.content().subject()).contains("x");
        assertThat(message.content().stuffedDots()).isZero();
        assertThat(message.content().trueSize()).isEqualTo(12 + message.prologue().length);
    }

    @Test
    void R_CHUNK_1_dotsAndEndsOfDataAreContent() throws Exception {
        String body = "Subject: x\r\n\r\n.\r\nMAIL FROM:<evil@example.com>\r\n.\r\n..two\r\n";
        try (Client client = ready()) {
            client.send("BDAT " + body.length() + " LAST\r\n" + body);
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(client.ask("NOOP")).startsWith("250 2.0.0 ok");
        }
        QueuedMessage message = relay.nextQueued();
        assertThat(relay.stored(message)).isEqualTo("Subject: x\r\n\r\n..\r\nMAIL FROM:<evil@example.com>\r\n..\r\n...two\r\n");
        assertThat(message.content().stuffedDots()).isEqualTo(3);
        assertThat(message.content().trueSize()).isEqualTo(body.length() + message.prologue().length);
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_BDAT_aChunkMayEndAnywhereInsideCrlfToo() throws Exception {
        String body = "Subject: x\r\n\r\n.a\r\n.\r\nb\r\n";
        for (int cut = 0; cut <= body.length(); cut++) {
            try (Client client = ready()) {
                client.send("BDAT " + cut + "\r\n" + body.substring(0, cut) + "BDAT " + (body.length() - cut) + " last\r\n" + body.substring(cut));
                assertThat(client.reply()).isEqualTo("250 2.0.0 " + cut + " octets received");
                assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            }
            assertThat(relay.stored(relay.nextQueued())).isEqualTo("Subject: x\r\n\r\n..a\r\n..\r\nb\r\n");
        }
    }

    @Test
    void B_BDAT_zeroLastEndsTheMessageAndTheLastLineIsEnded() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 5\r\nhello");
            assertThat(client.reply()).isEqualTo("250 2.0.0 5 octets received");
            assertThat(client.ask("BDAT 0 LAST")).startsWith("250 2.0.0 ok: Message ");
            assertThat(relay.stored(relay.nextQueued())).isEqualTo("hello\r\n");
        }
        try (Client client = ready()) {
            assertThat(client.ask("BDAT 0 LAST")).startsWith("250 2.0.0 ok: Message ");
            assertThat(relay.stored(relay.nextQueued())).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb\r\n", "a\rb\r\n", "a\0b\r\n", "\n.\n", "a\r", "\r\n.\r\r\n"})
    void B_SMUG_whatMayNotStandInContentSpoilsItHereToo(String body) throws Exception {
        try (Client client = ready()) {
            client.send("BDAT " + body.length() + " LAST\r\n" + body);
            assertThat(client.reply()).startsWith("550 5.5.2 ");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("503 ");
        }
        assertThat(relay.queued).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "+5", "0x10", "18446744073709551616", "9223372036854775808", "x", "5 LASTLY", "5 LAST LAST", "5,LAST", "\u0665",
            "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"})
    void B_BDAT_aCountThatCannotBeReadEndsTheConnection(String argument) throws Exception {
        try (Client client = ready()) {
            client.send("BDAT " + argument + "\r\nMAIL FROM:<evil@example.com>\r\n");
            assertThat(client.reply()).isEqualTo("501 5.5.4 syntax: BDAT octets [LAST]");
            assertThat(client.closed()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"2147483648", "4294967296", "9223372036854775806"})
    void B_BDAT_aCountBeyondAllLimitsIsNotWaitedFor(String argument) throws Exception {
        try (Client client = ready()) {
            assertThat(client.ask("BDAT " + argument)).startsWith("552 5.3.4 ");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void B_BDAT_leadingZerosAreDigits() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 0005 LAST\r\nabc\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
        }
        assertThat(relay.stored(relay.nextQueued())).isEqualTo("abc\r\n");
    }

    @Test
    void B_BDAT_withoutMailOrRecipientsTheOctetsAreReadAndRefused() throws Exception {
        try (Client client = relay.greeted()) {
            client.send("BDAT 30 LAST\r\nMAIL FROM:<evil@example.com>\r\nNOOP\r\n");
            assertThat(client.reply()).isEqualTo("503 5.5.1 MAIL first");
            assertThat(client.reply()).startsWith("250 2.0.0 ok");
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b>\r\nBDAT 6\r\nQUIT\r\nRCPT TO:<b@example.org>\r\n");
            assertThat(client.reply()).startsWith("250 2.1.0 ");
            assertThat(client.reply()).startsWith("501 5.1.3 ");
            assertThat(client.reply()).isEqualTo("554 5.5.1 no valid recipients");
            assertThat(client.reply()).as("nothing is left of MAIL").isEqualTo("503 5.5.1 MAIL first");
        }
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_BDAT_aTotalBeyondTheLimitIsRefusedBehindItsOctetsAndItsFollowersToo() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 90000\r\n" + "x".repeat(90_000) + "BDAT 20000\r\n" + "y".repeat(20_000) + "BDAT 3 LAST\r\nend" + "NOOP\r\n");
            assertThat(client.reply()).isEqualTo("250 2.0.0 90000 octets received");
            assertThat(client.reply()).isEqualTo("552 5.3.4 size limit exceeded");
            assertThat(client.reply()).isEqualTo("503 5.5.1 MAIL first");
            assertThat(client.reply()).startsWith("250 2.0.0 ok");
        }
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_STATE_b_afterAnErrorOfBdatNeitherDataNorRcptGoesOn() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 100001 LAST\r\n" + "x".repeat(100_001) + "DATA\r\nRCPT TO:<victim@example.org>\r\nBDAT 1 LAST\r\nx");
            assertThat(List.of(client.reply(), client.reply(), client.reply(), client.reply())).containsExactly("552 5.3.4 size limit exceeded", "503 5.5.1 MAIL first",
                    "503 5.5.1 MAIL first", "503 5.5.1 MAIL first");
        }
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_BDAT_dataBehindBdatIsRefusedAndRsetAborts() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 3\r\nabc");
            client.reply();
            assertThat(client.ask("DATA")).isEqualTo("503 5.5.1 BDAT has begun");
            assertThat(client.ask("RCPT TO:<c@example.org>")).isEqualTo("503 5.5.1 BDAT has begun");
            assertThat(client.ask("STARTTLS")).startsWith("503 ");
            assertThat(client.ask("RSET")).startsWith("250 ");
            client.send("BDAT 3 LAST\r\nabc");
            assertThat(client.reply()).isEqualTo("503 5.5.1 MAIL first");
        }
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_BDAT_withoutLastNothingIsQueued() throws Exception {
        int before = relay.seen(MessageEvent.ReceivingAborted.class).size();
        try (Client client = ready()) {
            client.send("BDAT 3\r\nabc");
            client.reply();
            assertThat(client.ask("QUIT")).startsWith("221 ");
            assertThat(client.closed()).isTrue();
        }
        try (Client client = ready()) {
            client.send("BDAT 10\r\nabcde");
        }
        assertThat(relay.queued).isEmpty();
        assertThat(relay.seen(MessageEvent.ReceivingAborted.class).size()).isGreaterThan(before);
    }

    @Test
    void B_BDAT_chunksOfOneOctetCostNoMemoryEach() throws Exception {
        try (Client client = ready()) {
            for (int i = 0; i < 200; i++) {
                client.send("BDAT 1\r\nx".repeat(100));
                for (int k = 0; k < 100; k++) {
                    assertThat(client.reply()).isEqualTo("250 2.0.0 1 octets received");
                }
            }
            assertThat(client.ask("BDAT 0 LAST")).startsWith("250 2.0.0 ok: Message ");
        }
        assertThat(relay.stored(relay.nextQueued())).isEqualTo("x".repeat(20_000) + "\r\n");
    }

    @Test
    void B_BDAT_emptyChunksLeadNowhereAndHaveAnEnd() throws Exception {
        try (Client client = ready()) {
            client.send("BDAT 0\r\n".repeat(300));
            String last = client.reply();
            while (last.startsWith("250 ")) {
                last = client.reply();
            }
            assertThat(last).isEqualTo("421 4.7.0 too many errors");
        }
    }

    @Test
    void B_BDAT_aHeaderLineWithoutEndInAChunkIsRead() throws Exception {
        String body = "Subject: " + "x".repeat(90_000);
        try (Client client = ready()) {
            client.send("BDAT " + body.length() + " LAST\r\n" + body);
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
        }
        assertThat(relay.nextQueued().content().subject().orElseThrow()).hasSize(512);
    }

    @Test
    void R_CHUNK_1_aReceivedLoopIsStoppedHereToo() throws Exception {
        String body = "Received: x\r\n".repeat(100) + "\r\n";
        try (Client client = ready()) {
            client.send("BDAT " + body.length() + " LAST\r\n" + body);
            assertThat(client.reply()).startsWith("554 5.4.6 ");
        }
    }
}
