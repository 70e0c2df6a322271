package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// BDAT on the wire (RFC 3030 §2).
class ChunkedContentTest {

    private static final String OFFERS = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
    private static final String ENVELOPE = "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\n";

    private static WiredConnection opened(RecordingSource source, String offers) {
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 50, source);
        wire.hears("220 mx\r\n").hears(offers);
        return wire;
    }

    private static RecordingSource source(boolean inMemory, String... contents) {
        RecordingSource source = new RecordingSource(0);
        for (int i = 0; i < contents.length; i++) {
            source.add(RecordingSource.message(i + 1, inMemory, contents[i]));
        }
        return source;
    }

    private static RecipientResult result(RecordingSource source, int message) {
        return source.results.get(message).recipients().getFirst();
    }

    @Test
    void oneWriteAndOneRoundTripAMessage() {
        RecordingSource source = source(true, "one\r\n", "two\r\nlines\r\n");
        WiredConnection wire = opened(source, OFFERS);
        assertThat(wire.said()).containsExactly("EHLO relay.example.net\r\n", ENVELOPE + "BDAT 5 LAST\r\none\r\n");
        wire.hears("250 ok\r\n250 ok\r\n250 taken\r\n");
        assertThat(wire.said()).containsExactly(ENVELOPE + "BDAT 12 LAST\r\ntwo\r\nlines\r\n");
        wire.hears("250 ok\r\n550 no\r\n503 nobody\r\n");
        assertThat(wire.said()).containsExactly("RSET\r\n");
        wire.hears("250 ok\r\n");
        assertThat(List.of(result(source, 0), result(source, 1)))
                .containsExactly(new RecipientResult.Delivered(Reply.of(250, "taken")), new RecipientResult.Refused(Stage.RCPT, Reply.of(550, "no")));
        wire.end();
    }

    @Test
    void aDotAtTheBeginningOfALineMakesItData() {
        RecordingSource source = source(true, "..stuffed\r\n");
        WiredConnection wire = opened(source, OFFERS);
        assertThat(wire.said()).last().isEqualTo(ENVELOPE + "DATA\r\n");
        wire.end();
    }

    @Test
    void withoutPipeliningTheContentFollowsTheLastRecipient() {
        RecordingSource source = source(true, "one\r\n");
        WiredConnection wire = opened(source, "250-mx\r\n250 CHUNKING\r\n").hears("250 ok\r\n").hears("250 ok\r\n");
        assertThat(wire.said()).containsExactly("EHLO relay.example.net\r\n", "MAIL FROM:<a@example.net>\r\n", "RCPT TO:<b@example.com>\r\n", "BDAT 5 LAST\r\none\r\n");
        wire.hears("250 taken\r\n");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Delivered(Reply.of(250, "taken")));
        wire.end();
    }

    @Test
    void contentFromAFileGoesInChunksOfWhichOnlyTheLastSaysSo() {
        RecordingSource source = source(false, "one\r\ntwo\r\n", "next\r\n");
        WiredConnection wire = opened(source, OFFERS).hears("250 ok\r\n250 ok\r\n");
        assertThat(String.join("", wire.said())).endsWith(ENVELOPE + "BDAT 5\r\none\r\nBDAT 5 LAST\r\ntwo\r\n" + ENVELOPE);
        wire.hears("250 ok\r\n250 taken\r\n250 ok\r\n250 ok\r\n");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Delivered(Reply.of(250, "taken")));
        assertThat(String.join("", wire.said())).isEqualTo("BDAT 6 LAST\r\nnext\r\n");
        wire.hears("250 taken\r\n").end();
        assertThat(source.results).hasSize(2);
    }

    @Test
    void withoutPipeliningChunksFromAFileWaitForEachOther() {
        RecordingSource source = source(false, "one\r\ntwo\r\n");
        WiredConnection wire = opened(source, "250-mx\r\n250 CHUNKING\r\n").hears("250 ok\r\n").hears("250 ok\r\n");
        assertThat(wire.said()).last().isEqualTo("BDAT 5\r\none\r\n");
        wire.hears("250 go on\r\n");
        assertThat(wire.said()).containsExactly("BDAT 5 LAST\r\ntwo\r\n");
        wire.hears("250 taken\r\n");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Delivered(Reply.of(250, "taken")));
        wire.end();
    }

    /// A damaged spool never becomes a delivered message.
    @Test
    void LASTIsWithheldFromContentThatCannotBeRead() {
        RecordingSource source = new RecordingSource(0);
        source.add(RecordingSource.damaged(1, false));
        WiredConnection wire = opened(source, OFFERS).hears("250 ok\r\n250 ok\r\n");
        assertThat(String.join("", wire.said())).doesNotContain("LAST");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Lost(Stage.CONTENT, "content unreadable: checksum"));
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }

    @Test
    void contentThatIsShorterThanAnnouncedIsNeverMadeUpFor() {
        RecordingSource source = new RecordingSource(0);
        source.add(RecordingSource.shorterThanItSays(1));
        source.add(RecordingSource.message(2, true, "x\r\n"));
        WiredConnection wire = opened(source, OFFERS);
        assertThat(result(source, 0)).isInstanceOf(RecipientResult.Lost.class);
        assertThat(source.results).hasSize(1);
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }

    @Test
    void R_TXN_8_aConnectionLostBehindTheContentLeavesItInDoubt() {
        RecordingSource source = source(true, "one\r\n");
        WiredConnection wire = opened(source, OFFERS).hears("250 ok\r\n250 ok\r\n");
        wire.end();
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Ambiguous(true, "connection closed by the host"));
    }

    @Test
    void R_TXN_8_contentThatNeverLeftIsNotInDoubt() {
        RecordingSource source = new RecordingSource(0).staying();
        WiredConnection wire = opened(source, OFFERS);
        wire.stuck();
        source.add(RecordingSource.message(1, true, "one\r\n"));
        wire.connection.wake();
        wire.channel.runPendingTasks();
        wire.end();
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Lost(Stage.CONTENT, "connection closed by the host"));
    }

    private static final HostTerms CLEAR = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.NEVER), new TlsRule(TlsLevel.NONE, "conf/destinations.yaml:1", "default"),
            false, false, TlsReason.POLICY_NONE, false);

    private static FakeMx.Script script(Map<String, Effect> effects) {
        Map<String, Effect> all = new java.util.HashMap<>(effects);
        all.put("EHLO", new Effect.Say("250-mx.test\r\n250-PIPELINING\r\n250 CHUNKING\r\n"));
        return new FakeMx.Script(Optional.empty(), all);
    }

    /// A refused recipient of the first message, a refused chunk of the second: the third arrives whole, so that no octet was taken for a command.
    @Test
    void aRealHostStaysInStepThroughRefusals() throws Exception {
        String first = "MAIL FROM:<bad>\r\n".repeat(2_000);
        try (FakeMx mx = new FakeMx(script(Map.of("BDAT 9 LAST", Effect.line("452 4.3.1 full"), "BDAT 34000 LAST", Effect.line("554 5.7.1 no"))));
                SocketBench bench = new SocketBench()) {
            RecordingSource source = source(true, first, "QUIT\r\nx\r\n", "third\r\n");
            bench.run(mx.address(), "mx1.example.com", CLEAR, Optional.empty(), source);
            assertThat(source.results.stream().map(r -> r.recipients().getFirst()))
                    .containsExactly(new RecipientResult.Refused(Stage.END_OF_DATA, Reply.of(554, "5.7.1 no")),
                            new RecipientResult.Refused(Stage.END_OF_DATA, Reply.of(452, "4.3.1 full")), new RecipientResult.Delivered(Reply.of(250, "2.0.0 taken")));
            assertThat(mx.received().stream().map(FakeMx.Received::content)).containsExactly(first, "QUIT\r\nx\r\n", "third\r\n");
            assertThat(mx.commands()).filteredOn(line -> line.startsWith("MAIL FROM:<bad>")).isEmpty();
        }
    }

    @Test
    void aLargeFileArrivesWholeInChunks() throws Exception {
        String content = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n".repeat(5_000);
        try (FakeMx mx = new FakeMx(script(Map.of())); SocketBench bench = new SocketBench()) {
            RecordingSource source = source(false, content, content);
            bench.run(mx.address(), "mx1.example.com", CLEAR, Optional.empty(), source);
            assertThat(source.results).hasSize(2).allMatch(r -> r.recipients().getFirst() instanceof RecipientResult.Delivered);
            assertThat(mx.received().stream().map(FakeMx.Received::content)).containsExactly(content, content);
        }
    }
}
