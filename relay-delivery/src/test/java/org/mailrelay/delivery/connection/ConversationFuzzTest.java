package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.delivery.conversation.RecipientResult;

/// A whole connection to a host that may say anything at any time (a target for a fuzzer). The first octet of an input chooses the policy and how the rest is cut.
class ConversationFuzzTest {

    private static final TlsLevel[] LEVELS = {TlsLevel.NONE, TlsLevel.PREFERRED, TlsLevel.REQUIRED};

    /// Each message has one result, the connection ends once, no line that leaves holds what ends it early, nothing crosses in the clear that was promised encryption, and a message
    /// is delivered only where the host has said 2yz behind its end.
    @FuzzTest(maxDuration = "1m")
    void host(byte[] input) {
        if (input.length < 2) {
            return;
        }
        TlsLevel level = LEVELS[(input[0] & 3) % LEVELS.length];
        int piece = 1 + (input[1] & 255) % 64;
        RecordingSource source = new RecordingSource(3);
        WiredConnection wire = new WiredConnection(level, (input[0] & 4) != 0, 2, source);
        if ((input[0] & 8) != 0) {
            wire.opened();
        }
        String says = new String(input, 2, input.length - 2, StandardCharsets.ISO_8859_1);
        for (int at = 0; at < says.length(); at += piece) {
            wire.hears(says.substring(at, Math.min(says.length(), at + piece)));
        }
        String said = String.join("", wire.said());
        wire.end();
        assertThat(source.closings).isEqualTo(1);
        assertThat(source.results).hasSize(source.given);
        assertThat(source.failure.isDone()).isNotEqualTo(source.readies == 1);
        long delivered = source.results.stream().filter(result -> result.recipients().getFirst() instanceof RecipientResult.Delivered).count();
        long ends = said.split("(?<=\r\n)\\.\r\n", -1).length - 1;
        assertThat(delivered).isLessThanOrEqualTo(ends);
        if (delivered > 0) {
            assertThat(said).contains("MAIL FROM:<a@example.net>", "RCPT TO:<b@example.com>", "..stuffed\r\n");
        }
        int handshake = said.indexOf("STARTTLS\r\n");
        String inTheClear = handshake < 0 ? said : said.substring(0, handshake);
        assertThat(inTheClear.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
        if (level == TlsLevel.REQUIRED) {
            assertThat(said).doesNotContain("MAIL FROM").doesNotContain("Subject:");
        }
    }
}
