package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// Several recipients over a real socket, with DATA and with BDAT.
class MixedResultsTest {

    private static final HostTerms CLEAR = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.NEVER), new TlsRule(TlsLevel.NONE, "conf/destinations.yaml:1", "default"),
            false, false, TlsReason.POLICY_NONE, false);

    private static Transaction toThree() {
        Transaction one = RecordingSource.message(1, true, "x\r\n");
        List<Transaction.Addressee> three = IntStream.range(0, 3).mapToObj(i -> new Transaction.Addressee(i, Recipient.of("r" + i + "@example.com"))).toList();
        return new Transaction(one.mid(), one.sender(), one.parameters(), three, one.content(), one.begun(), one.body());
    }

    private static List<RecipientResult> send(boolean chunking, Map<String, Effect> effects) throws Exception {
        Map<String, Effect> all = new HashMap<>(effects);
        all.put("EHLO", new Effect.Say("250-mx.test\r\n" + (chunking ? "250-CHUNKING\r\n" : "") + "250 PIPELINING\r\n"));
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), all)); SocketBench bench = new SocketBench()) {
            RecordingSource source = new RecordingSource(0);
            source.add(toThree());
            bench.run(mx.address(), "mx1.example.com", CLEAR, Optional.empty(), source);
            return source.results.getFirst().recipients();
        }
    }

    private static String rcpt(int rid) {
        return "RCPT TO:<r" + rid + "@example.com>";
    }

    @Test
    void R_TXN_4_partOfThemIsAccepted() throws Exception {
        for (boolean chunking : List.of(true, false)) {
            assertThat(send(chunking, Map.of(rcpt(0), Effect.line("550 5.1.1 no"), rcpt(2), Effect.line("450 4.2.1 later")))).containsExactly(
                    new RecipientResult.Refused(Stage.RCPT, Reply.of(550, "5.1.1 no")), new RecipientResult.Delivered(Reply.of(250, "2.0.0 taken")),
                    new RecipientResult.Refused(Stage.RCPT, Reply.of(450, "4.2.1 later")));
        }
    }

    @Test
    void R_TXN_11_whatIsTooManyGoesAnotherTime() throws Exception {
        for (boolean chunking : List.of(true, false)) {
            assertThat(send(chunking, Map.of(rcpt(1), Effect.line("452 4.5.3 too many"), rcpt(2), Effect.line("552 too many")))).containsExactly(
                    new RecipientResult.Delivered(Reply.of(250, "2.0.0 taken")), new RecipientResult.TooMany(Reply.of(452, "4.5.3 too many")),
                    new RecipientResult.TooMany(Reply.of(552, "too many")));
        }
    }

    @Test
    void R_TXN_5_aHostThatClosesInTheMiddleHasAnsweredSomeOfThem() throws Exception {
        for (boolean chunking : List.of(true, false)) {
            assertThat(send(chunking, Map.of(rcpt(0), Effect.line("550 5.1.1 no"), rcpt(1), new Effect.SayAndClose("421 4.3.2 bye\r\n")))).containsExactly(
                    new RecipientResult.Refused(Stage.RCPT, Reply.of(550, "5.1.1 no")), new RecipientResult.Refused(Stage.RCPT, Reply.of(421, "4.3.2 bye")),
                    new RecipientResult.Refused(Stage.RCPT, Reply.of(421, "4.3.2 bye")));
        }
    }

    @Test
    void R_TXN_8_aLossBehindTheContentLeavesTheRefusedRefused() throws Exception {
        for (boolean chunking : List.of(true, false)) {
            List<RecipientResult> results = send(chunking, Map.of(rcpt(0), Effect.line("550 5.1.1 no"), "CONTENT", new Effect.Close()));
            assertThat(results.getFirst()).isEqualTo(new RecipientResult.Refused(Stage.RCPT, Reply.of(550, "5.1.1 no")));
            assertThat(results.subList(1, 3)).allSatisfy(result -> assertThat(result).isInstanceOfSatisfying(RecipientResult.Ambiguous.class,
                    doubt -> assertThat(doubt.accepted()).isTrue()));
        }
    }

    @Test
    void R_TXN_9_aRefusedContentIsRefusedForThoseThatWereAccepted() throws Exception {
        for (boolean chunking : List.of(true, false)) {
            assertThat(send(chunking, Map.of(rcpt(0), Effect.line("450 4.2.1 later"), "CONTENT", Effect.line("554 5.7.1 spam")))).containsExactly(
                    new RecipientResult.Refused(Stage.RCPT, Reply.of(450, "4.2.1 later")), new RecipientResult.Refused(Stage.END_OF_DATA, Reply.of(554, "5.7.1 spam")),
                    new RecipientResult.Refused(Stage.END_OF_DATA, Reply.of(554, "5.7.1 spam")));
        }
    }

    @Test
    void R_TXN_4_noneIsAcceptedAndTheHostGoesAhead() throws Exception {
        Effect no = Effect.line("550 5.1.1 no");
        assertThat(send(false, Map.of(rcpt(0), no, rcpt(1), no, rcpt(2), no))).containsOnly(new RecipientResult.Refused(Stage.RCPT, Reply.of(550, "5.1.1 no")));
    }

    @Test
    void R_TXN_8_theReplyToDataNeverComes() throws Exception {
        assertThat(send(false, Map.of(rcpt(0), Effect.line("550 5.1.1 no"), "DATA", new Effect.Close()))).containsExactly(
                new RecipientResult.Refused(Stage.RCPT, Reply.of(550, "5.1.1 no")), new RecipientResult.Lost(Stage.DATA, "connection closed by the host"),
                new RecipientResult.Lost(Stage.DATA, "connection closed by the host"));
    }
}
