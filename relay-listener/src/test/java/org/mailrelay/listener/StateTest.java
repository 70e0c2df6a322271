package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways to bring a server's idea of the transaction out of step (B-STATE, R-SRV-3): every end of a transaction clears the whole envelope.
class StateTest {

    private ListenerFixture relay;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        relay = ListenerFixture.in(folder).open();
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
    }

    private static List<String> replies(Client client, int count) throws IOException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(client.reply().substring(0, 9));
        }
        return all;
    }

    @Test
    void R_SRV_11_messagesThatAreRefusedAreErrorsOfTheSession() throws Exception {
        try (Client client = relay.greeted()) {
            String last = "";
            int messages = 0;
            while (!last.startsWith("421 ") && messages++ < 30) {
                client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
                client.reply();
                client.reply();
                client.reply();
                client.send("bare\nline end\r\n.\r\n");
                last = client.reply();
            }
            assertThat(messages).isEqualTo(CommandCounts.MOST_ERRORS);
            assertThat(last).startsWith("421 4.7.0 ");
        }
    }

    @Test
    void B_STATE_a_afterARefusedEndOfDataNothingIsLeftOfTheEnvelope() throws Exception {
        try (Client client = relay.inData()) {
            assertThat(client.ask("a\nb\r\n.")).startsWith("550 ");
            client.send("RCPT TO:<victim@example.org>\r\nDATA\r\n");
            assertThat(replies(client, 2)).containsExactly("503 5.5.1", "503 5.5.1");
        }
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_STATE_a_afterAnAcceptedMessageNothingIsLeftOfTheEnvelope() throws Exception {
        try (Client client = relay.inData()) {
            assertThat(client.ask("a\r\n.")).startsWith("250 ");
            client.send("RCPT TO:<victim@example.org>\r\nDATA\r\n");
            assertThat(replies(client, 2)).containsExactly("503 5.5.1", "503 5.5.1");
        }
        assertThat(relay.nextQueued().envelope().recipients()).hasSize(1);
        assertThat(relay.queued).isEmpty();
    }

    @Test
    void B_STATE_c_vrfyOfAnythingLeavesTheTransactionAlone() throws Exception {
        try (Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nVRFY j\u00c3\u00b6rg\u0085\r\nDATA\r\n");
            assertThat(replies(client, 3)).containsExactly("250 2.1.0", "250 2.1.5", "252 2.0.0");
            assertThat(client.reply()).isEqualTo("354 go ahead");
            assertThat(client.ask("x\r\n.")).startsWith("250 ");
        }
        assertThat(relay.nextQueued().envelope().recipients()).hasSize(1);
    }

    @Test
    void B_STATE_d_ehloAndHeloAndRsetEndTheTransaction() throws Exception {
        for (String end : List.of("EHLO c.example.com", "HELO c.example.com", "RSET")) {
            try (Client client = relay.greeted()) {
                client.ask("MAIL FROM:<a@example.com>");
                client.ask("RCPT TO:<b@example.org>");
                assertThat(client.ask(end)).startsWith("250");
                assertThat(client.ask("DATA")).as(end).startsWith("503 5.5.1 ");
                assertThat(client.ask("RCPT TO:<b@example.org>")).as(end).startsWith("503 5.5.1 ");
            }
        }
    }

    @Test
    void B_STATE_e_R_SSTLS_4_startTlsInATransactionIsRefusedAndTheTransactionStays() throws Exception {
        try (Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("STARTTLS")).startsWith("503 5.5.1 ");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
        }
    }

    @Test
    void B_STATE_g_whatFollowsARefusedMailIsRefusedAndItsContentIsNeverTaken() throws Exception {
        try (Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n.\r\nQUIT\r\n");
            assertThat(replies(client, 6)).containsExactly("501 5.1.7", "503 5.5.1", "503 5.5.1", "500 5.5.1", "500 5.5.1", "221 2.0.0");
        }
        assertThat(relay.queued).isEmpty();
        assertThat(relay.spool.status().messages()).isZero();
    }

    @Test
    void B_STATE_h_withoutARecipientThereIsNo354AndTheContentEndsTheSession() throws Exception {
        try (Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\nline\r\nline\r\nline\r\nline\r\nMAIL FROM:<evil@example.com>\r\n");
            assertThat(replies(client, 6)).containsExactly("250 2.1.0", "501 5.1.3", "501 5.1.3", "554 5.5.1", "500 5.5.1", "500 5.5.1");
            assertThat(client.reply()).isEqualTo("421 4.7.0 too many errors");
            assertThat(client.closed()).isTrue();
        }
        assertThat(relay.queued).isEmpty();
    }
}
