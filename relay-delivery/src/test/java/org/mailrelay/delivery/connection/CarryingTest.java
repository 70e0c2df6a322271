package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;

class CarryingTest {

    private static final String GROUP = "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
    private static final String TAKEN = "250 ok\r\n250 ok\r\n354 go\r\n";

    private static WiredConnection connection(RecordingSource source) {
        return new WiredConnection(TlsLevel.NONE, false, 50, source);
    }

    private static RecipientResult result(RecordingSource source, int message) {
        return source.results.get(message).recipients().getFirst();
    }

    /// RFC 2920 §3.1: the content may be the first of a group of commands.
    @Test
    void R_PIPE_2_theFinalDotAndTheNextMessageGoOutInOneWrite() {
        RecordingSource source = new RecordingSource(2);
        WiredConnection wire = connection(source).opened();
        assertThat(wire.said()).containsExactly("EHLO relay.example.net\r\n", GROUP);
        wire.hears(TAKEN);
        assertThat(wire.said()).containsExactly("Subject: 0\r\n\r\n..stuffed\r\n.\r\n" + GROUP);
        wire.hears("250 first\r\n" + TAKEN);
        assertThat(wire.said()).containsExactly("Subject: 1\r\n\r\n..stuffed\r\n.\r\n");
        wire.hears("250 second\r\n");
        assertThat(List.of(result(source, 0), result(source, 1)))
                .containsExactly(new RecipientResult.Delivered(Reply.of(250, "first")), new RecipientResult.Delivered(Reply.of(250, "second")));
        assertThat(wire.said()).containsExactly("QUIT\r\n");
        wire.hears("221 bye\r\n").end();
        assertThat(source.closed).isCompleted();
    }

    @Test
    void tellsHowLongItWaitedForTheHostInEachStage() {
        RecordingSource source = new RecordingSource(1);
        WiredConnection wire = connection(source);
        wire.waits(Duration.ofMillis(30));
        wire.opened();
        wire.waits(Duration.ofMillis(20));
        wire.hears(TAKEN);
        wire.waits(Duration.ofMillis(50));
        wire.hears("250 first\r\n");
        assertThat(wire.log.opened).singleElement().satisfies(times -> assertThat(times.nanos(StageTimes.Stage.GREETING)).isBetween(30_000_000L, 10_000_000_000L));
        assertThat(wire.log.carried).singleElement().satisfies(times -> {
            assertThat(times.nanos(StageTimes.Stage.MAIL)).isBetween(20_000_000L, 10_000_000_000L);
            assertThat(times.nanos(StageTimes.Stage.END_OF_DATA)).isBetween(50_000_000L, 10_000_000_000L);
            assertThat(times.nanos(StageTimes.Stage.HANDSHAKE)).isZero();
        });
        wire.end();
    }

    @Test
    void R_PIPE_2_withoutPipeliningEachCommandWaitsForItsReply() {
        RecordingSource source = new RecordingSource(2);
        WiredConnection wire = connection(source).hears("220 mx\r\n").hears("250 mx\r\n");
        assertThat(wire.said()).containsExactly("EHLO relay.example.net\r\n", "MAIL FROM:<a@example.net>\r\n");
        wire.hears("250 ok\r\n").hears("250 ok\r\n").hears("354 go\r\n");
        assertThat(wire.said()).containsExactly("RCPT TO:<b@example.com>\r\n", "DATA\r\n", "Subject: 0\r\n\r\n..stuffed\r\n.\r\n");
        wire.hears("250 ok\r\n");
        assertThat(wire.said()).containsExactly("MAIL FROM:<a@example.net>\r\n");
        wire.end();
    }

    @Test
    void R_TXN_8_aConnectionLostBehindTheDotLeavesOnlyThatMessageInDoubt() {
        RecordingSource source = new RecordingSource(2);
        WiredConnection wire = connection(source).opened().hears(TAKEN);
        wire.end();
        assertThat(result(source, 0)).isInstanceOf(RecipientResult.Ambiguous.class);
        assertThat(result(source, 1)).isInstanceOfSatisfying(RecipientResult.Lost.class, lost -> assertThat(lost.stage()).isEqualTo(Stage.MAIL));
        assertThat(source.closed).isCompleted();
    }

    @Test
    void R_TXN_5_421ToTheDotEndsBoth() {
        RecordingSource source = new RecordingSource(2);
        WiredConnection wire = connection(source).opened().hears(TAKEN).hears("421 bye\r\n");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Refused(Stage.END_OF_DATA, Reply.of(421, "bye")));
        assertThat(result(source, 1)).isInstanceOf(RecipientResult.Lost.class);
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }

    @Test
    void R_RPL_6_repliesThatOutnumberTheCommandsEndTheConnection() {
        RecordingSource source = new RecordingSource(1);
        WiredConnection wire = connection(source).opened().hears(TAKEN).hears("250 ok\r\n250 for free\r\n");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Delivered(Reply.of(250, "ok")));
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }

    /// What stands behind the one reply that is owed would be taken for the answer to the next command.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void R_RPL_6_aReplyTooManyIsNoAnswerToTheNextCommand(int at) {
        RecordingSource source = new RecordingSource(2);
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 5, source).hears("220 mx\r\n").hears("250 mx\r\n");
        String[] replies = {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 taken\r\n"};
        for (int i = 0; i <= at; i++) {
            wire.said();
            wire.hears(replies[i] + (i == at ? "250 for free\r\n" : ""));
        }
        assertThat(wire.said()).isEmpty();
        assertThat(wire.channel.isOpen()).isFalse();
        assertThat(result(source, 0)).isInstanceOf(at == 3 ? RecipientResult.Delivered.class : RecipientResult.Lost.class);
        assertThat(source.results).hasSize(1);
        wire.end();
    }

    /// R-TXN-10.
    @Test
    void messagesPerConnectionCountsTheOneBehindTheDot() {
        RecordingSource source = new RecordingSource(3);
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 2, source).opened();
        wire.hears(TAKEN).hears("250 ok\r\n" + TAKEN).hears("250 ok\r\n");
        assertThat(source.results).hasSize(2);
        assertThat(wire.said()).last().isEqualTo("QUIT\r\n");
        wire.end();
    }

    /// RFC 9422 §4.1: what the host says of itself holds where it is less.
    @Test
    void noMoreMessagesThanTheHostsOwnLimitGoThroughAConnection() {
        RecordingSource source = new RecordingSource(3);
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 50, source).hears("220 mx\r\n").hears("250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 LIMITS RCPTMAX=100 MAILMAX=2\r\n");
        wire.hears(TAKEN).hears("250 ok\r\n" + TAKEN).hears("250 ok\r\n");
        assertThat(source.results).hasSize(2);
        assertThat(wire.said()).last().isEqualTo("QUIT\r\n");
        wire.end();
    }

    @Test
    void manyMessagesThatTheHostCannotTakeFillNoStack() {
        RecordingSource source = new RecordingSource(0);
        for (int i = 0; i < 20_000; i++) {
            source.add(RecordingSource.eightBit(i + 1));
        }
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 100_000, source).hears("220 mx\r\n").hears("250 mx\r\n");
        assertThat(source.results).hasSize(20_000).allMatch(result -> result.recipients().getFirst() instanceof RecipientResult.Unfit);
        wire.end();
    }

    @Test
    void anIdleConnectionSaysQuitWhenItsTimeIsOverAndCarriesMailUntilThen() {
        RecordingSource source = new RecordingSource(0).staying();
        WiredConnection wire = connection(source).opened();
        wire.waits(Duration.ofSeconds(4));
        source.add(RecordingSource.message(1, true, "x\r\n"));
        wire.connection.wake();
        wire.channel.runPendingTasks();
        wire.hears(TAKEN).hears("250 ok\r\n");
        assertThat(source.results).hasSize(1);
        wire.said();
        wire.waits(Duration.ofMillis(4_900));
        assertThat(wire.said()).isEmpty();
        wire.waits(Duration.ofMillis(200));
        assertThat(wire.said()).containsExactly("QUIT\r\n");
        wire.waits(Duration.ofSeconds(6));
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
        assertThat(source.closed).isCompleted();
    }

    @Test
    void R_TMO_1_silenceEndsEachStageAtItsOwnLimit() {
        RecordingSource source = new RecordingSource(1);
        WiredConnection wire = connection(source).opened().hears(TAKEN);
        wire.waits(Duration.ofMinutes(9));
        assertThat(source.results).isEmpty();
        wire.waits(Duration.ofMinutes(1).plusSeconds(1));
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Ambiguous(true, "timeout"));
        wire.end();
    }

    /// The final dot is ours, sent last: a damaged spool never becomes a delivered message, nor one in doubt.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void contentThatCannotBeReadIsNeverEndedByADot(boolean inMemory) {
        RecordingSource source = new RecordingSource(0);
        source.add(RecordingSource.damaged(1, inMemory));
        source.add(RecordingSource.message(2, true, "x\r\n"));
        WiredConnection wire = connection(source).opened().hears(TAKEN);
        assertThat(String.join("", wire.said())).doesNotContain("\r\n.\r\n");
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Lost(Stage.CONTENT, "content unreadable: checksum"));
        assertThat(source.results).as("the next message was not begun").hasSize(1);
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }

    @Test
    void R_TXN_8_contentThatNeverLeftIsLostAndNotInDoubt() {
        RecordingSource source = new RecordingSource(1);
        WiredConnection wire = connection(source).opened();
        wire.stuck();
        wire.hears(TAKEN);
        wire.waits(Duration.ofMinutes(3).plusSeconds(1));
        assertThat(result(source, 0)).isEqualTo(new RecipientResult.Lost(Stage.CONTENT, "timeout"));
        wire.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 for free\r\n", "550 what\r\n", "250-begun"})
    void R_RPL_6_aReplyThatNobodyAskedForEndsAnIdleConnection(String reply) {
        RecordingSource source = new RecordingSource(0).staying();
        WiredConnection wire = connection(source).opened().hears(reply);
        source.add(RecordingSource.message(1, true, "Subject: x\r\n"));
        wire.said();
        wire.connection.wake();
        wire.channel.runPendingTasks();
        assertThat(wire.said()).noneMatch(line -> line.startsWith("MAIL"));
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
    }

    @Test
    void R_RPL_6_a421WhileIdleIsTheHostsGoodbye() {
        RecordingSource source = new RecordingSource(0).staying();
        WiredConnection wire = connection(source).opened().hears("421 4.4.2 idle too long\r\n");
        assertThat(wire.channel.isOpen()).isFalse();
        wire.end();
        assertThat(source.failure).isNotDone();
        assertThat(source.closings).isEqualTo(1);
    }

    @Test
    void DEC_4_aBareLfIsALineEndUnlessRepliesAreStrict() {
        RecordingSource lenient = new RecordingSource(1);
        WiredConnection wire = connection(lenient).hears("220 mx\n").hears(WiredConnection.OFFERS);
        assertThat(wire.said()).last().isEqualTo(GROUP);
        wire.end();
        RecordingSource strict = new RecordingSource(1);
        new WiredConnection(TlsLevel.NONE, true, 50, strict).hears("220 mx\n").end();
        assertThat(strict.failure.join()).isEqualTo(new HostFailure.OutOfStep(Stage.GREETING, "bare LF"));
    }

    @Test
    void theTranscriptHoldsTheCommandsAndRepliesAndNoContent() {
        WiredConnection wire = connection(new RecordingSource(1)).opened().hears(TAKEN).hears("250 taken \u001b[0m\r\n");
        assertThat(wire.transcript.lines()).containsExactly("S: 220 mx", "C: EHLO relay.example.net", "S: 250-mx", "S: 250-PIPELINING", "S: 250 8BITMIME",
                "C: MAIL FROM:<a@example.net>", "C: RCPT TO:<b@example.com>", "C: DATA", "S: 250 ok", "S: 250 ok", "S: 354 go", "S: 250 taken \\x1b[0m", "C: QUIT");
        wire.end();
    }
}
