package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FailedConversationsTest {

    @Test
    void aWordyHostIsQuotedAsFarAsSixteenKiB() {
        List<String> lines = Stream.generate(() -> "S: 250-" + "x".repeat(993)).limit(128).toList();
        List<String> kept = FailedConversations.shortened(lines);
        assertThat(kept).hasSize(17).last().isEqualTo("(112 more lines)");
        assertThat(kept.subList(0, 16)).isEqualTo(lines.subList(0, 16));
    }

    @Test
    void anOrdinaryConversationIsKeptWhole() {
        List<String> lines = List.of("S: 220 mx", "C: EHLO relay.example.net", "S: 250 mx");
        assertThat(FailedConversations.shortened(lines)).isSameAs(lines);
    }
}
