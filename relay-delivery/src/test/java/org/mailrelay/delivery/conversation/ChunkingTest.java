package org.mailrelay.delivery.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;

/// RFC 3030, as the sender sees it.
class ChunkingTest {

    private static final Reply OK = Reply.of(250, "2.0.0 ok");
    private static final Reply NO = Reply.of(550, "5.1.1 no such user");
    private static final Reply LATER = Reply.of(451, "4.3.0 later");
    private static final Reply BAD = Reply.of(503, "5.5.1 no valid recipients");
    private static final Reply CLOSING = Reply.of(421, "4.3.2 bye");

    private static PeerOffer offer(boolean pipelining, boolean chunking) {
        Set<Keyword> all = EnumSet.of(Keyword.EIGHTBITMIME, Keyword.SIZE);
        if (pipelining) {
            all.add(Keyword.PIPELINING);
        }
        if (chunking) {
            all.add(Keyword.CHUNKING);
        }
        return new PeerOffer(true, all, OptionalLong.empty());
    }

    private static Exchange exchange(int recipients, long size, boolean pipelining, boolean inMemory) {
        return new Exchange(ExchangeTest.message(recipients, size, false, 0, inMemory), offer(pipelining, true));
    }

    private static List<String> text(List<byte[]> lines) {
        return lines.stream().map(l -> new String(l, StandardCharsets.US_ASCII).strip()).toList();
    }

    private static List<RecipientResult> results(Exchange.Action action) {
        return ((Exchange.Action.Done) action).result().recipients();
    }

    @Test
    void R_CHUNK_2_whereAnExtensionOrTheStoredOctetsDoNotFitItIsData() {
        assertThat(new Exchange(ExchangeTest.message(1, 10, false, 0, true), offer(true, false)).chunked()).isFalse();
        assertThat(new Exchange(ExchangeTest.message(1, 10, false, 1, true), offer(true, true)).chunked()).as("a stuffed dot").isFalse();
    }

    @Nested
    class SmallContentWithPipelining {

        private final Exchange exchange = exchange(2, 10, true, true);

        private Exchange.Action after(Reply... replies) {
            Exchange.Action action = exchange.start();
            exchange.chunk(10, true);
            for (Reply reply : replies) {
                action = exchange.on(reply);
            }
            return action;
        }

        @Test
        void goesInTheGroupOfMailAndRcpt() {
            Exchange.Action.SendContent action = (Exchange.Action.SendContent) exchange.start();
            assertThat(text(action.before())).containsExactly("MAIL FROM:<a@example.net> SIZE=10", "RCPT TO:<r0@example.com>", "RCPT TO:<r1@example.com>");
            assertThat(text(List.of(exchange.chunk(10, true)))).containsExactly("BDAT 10 LAST");
            assertThat(exchange.repliesOwed()).isEqualTo(4);
        }

        @Test
        void isTooLargeForThatAbove64KiBAndFromAFile() {
            assertThat(exchange(1, Exchange.UNASKED, true, true).unasked()).isTrue();
            assertThat(exchange(1, Exchange.UNASKED + 1, true, true).unasked()).isFalse();
            assertThat(exchange(1, 10, true, false).unasked()).isFalse();
            assertThat(exchange(1, 10, false, true).unasked()).isFalse();
        }

        @Test
        void theLastReplySpeaksForTheAcceptedRecipients() {
            assertThat(results(after(OK, NO, OK, OK))).containsExactly(new RecipientResult.Refused(Stage.RCPT, NO), new RecipientResult.Delivered(OK));
            Exchange other = exchange(2, 10, true, true);
            other.start();
            other.chunk(10, true);
            List.of(OK, OK, NO).forEach(other::on);
            other.on(LATER);
            assertThat(results(other.on(OK))).containsExactly(new RecipientResult.Refused(Stage.END_OF_DATA, LATER), new RecipientResult.Refused(Stage.RCPT, NO));
        }

        /// RFC 3030 §2: the receiver "MUST accept and discard the associated message data before sending the appropriate 5XX or 4XX code".
        @Test
        void contentForNobodyIsNobodys() {
            assertThat(text(((Exchange.Action.Send) after(OK, NO, NO, BAD)).lines())).containsExactly("RSET");
            Exchange.Action.Done done = (Exchange.Action.Done) exchange.on(OK);
            assertThat(done.keep()).isTrue();
            assertThat(done.result().recipients()).containsOnly(new RecipientResult.Refused(Stage.RCPT, NO));
        }

        @Test
        void aHostThatTakesContentForNobodyHasDeliveredNothing() {
            assertThat(results(after(OK, NO, NO, OK))).containsOnly(new RecipientResult.Refused(Stage.RCPT, NO));
        }

        @Test
        void aRefusedMailIsFollowedByTheRepliesStillOwed() {
            assertThat(text(((Exchange.Action.Send) after(LATER, BAD, BAD, BAD)).lines())).containsExactly("RSET");
            assertThat(results(exchange.on(OK))).containsOnly(new RecipientResult.Refused(Stage.MAIL, LATER));
        }

        @Test
        void R_TXN_5_421InTheMiddleLeavesWhatWasSaidBefore() {
            Exchange.Action.Done done = (Exchange.Action.Done) after(OK, NO, CLOSING);
            assertThat(done.keep()).isFalse();
            assertThat(done.result().recipients()).containsExactly(new RecipientResult.Refused(Stage.RCPT, NO), new RecipientResult.Refused(Stage.RCPT, CLOSING));
        }

        @Test
        void R_TXN_8_onceTheContentHasLeftALossIsInDoubtAndNeverSuccess() {
            after(OK, NO);
            exchange.contentLeft();
            assertThat(exchange.lost(exchange.stage(), "closed").recipients())
                    .containsExactly(new RecipientResult.Refused(Stage.RCPT, NO), new RecipientResult.Ambiguous(false, "closed"));
        }

        @Test
        void R_TXN_8_aLossBeforeTheContentHasLeftIsNotInDoubt() {
            after(OK, OK);
            assertThat(exchange.lost(Stage.CONTENT, "closed").recipients()).containsOnly(new RecipientResult.Lost(Stage.CONTENT, "closed"));
        }

        @Test
        void aGoAheadIsOutOfPlace() {
            assertThat(((Exchange.Action.Done) after(OK, OK, OK, Reply.of(354, "go"))).keep()).isFalse();
        }

        /// Every reply of a group of two recipients may be 250, 450, 550 or 421: each recipient gets the word that was meant for it.
        @Test
        void everyAnswerToAGroupIsMatched() {
            List<Reply> kinds = List.of(OK, LATER, NO, CLOSING);
            for (int i = 0; i < 256; i++) {
                List<Reply> said = List.of(kinds.get(i & 3), kinds.get(i >> 2 & 3), kinds.get(i >> 4 & 3), kinds.get(i >> 6 & 3));
                check(said);
            }
        }

        private void check(List<Reply> said) {
            Exchange each = exchange(2, 10, true, true);
            each.start();
            each.chunk(10, true);
            Exchange.Action action = new Exchange.Action.Await();
            List<Reply> heard = new ArrayList<>();
            for (Reply reply : said) {
                if (!(action instanceof Exchange.Action.Done)) {
                    heard.add(reply);
                    action = each.on(reply);
                }
            }
            if (action instanceof Exchange.Action.Send) {
                action = each.on(OK);   // RSET
            }
            List<RecipientResult> results = results(action);
            for (int rid = 0; rid < 2; rid++) {
                boolean accepted = heard.size() == 4 && said.get(0).positive() && said.get(1 + rid).positive() && said.get(3).positive();
                assertThat(results.get(rid) instanceof RecipientResult.Delivered).as("RID %d after %s", rid, said).isEqualTo(accepted);
                if (!accepted) {
                    Reply word = !said.get(0).positive() ? said.get(0) : heard.size() > 1 + rid && !said.get(1 + rid).positive() ? said.get(1 + rid) : heard.getLast();
                    assertThat(results.get(rid)).as("RID %d after %s", rid, said).isInstanceOfSatisfying(RecipientResult.Refused.class, refused ->
                            assertThat(refused.reply()).isEqualTo(word));
                }
            }
            assertThat(((Exchange.Action.Done) action).keep()).as("after %s", said).isEqualTo(!heard.contains(CLOSING));
        }
    }

    @Nested
    class LargeContent {

        @Test
        void waitsForTheRecipientsAndIsPipelinedThen() {
            Exchange exchange = exchange(2, 1_000_000, true, false);
            assertThat(text(((Exchange.Action.Send) exchange.start()).lines())).hasSize(3);
            exchange.on(OK);
            exchange.on(NO);
            assertThat(exchange.on(OK)).isInstanceOf(Exchange.Action.SendContent.class);
            assertThat(text(List.of(exchange.chunk(500_000, false), exchange.chunk(500_000, true)))).containsExactly("BDAT 500000", "BDAT 500000 LAST");
            assertThat(exchange.on(OK)).isInstanceOf(Exchange.Action.Await.class);
            assertThat(results(exchange.on(OK))).containsExactly(new RecipientResult.Refused(Stage.RCPT, NO), new RecipientResult.Delivered(OK));
        }

        @Test
        void isNotSentForNobody() {
            Exchange exchange = exchange(1, 1_000_000, true, false);
            exchange.start();
            exchange.on(OK);
            assertThat(text(((Exchange.Action.Send) exchange.on(NO)).lines())).containsExactly("RSET");
        }

        @Test
        void withoutPipeliningEachChunkWaitsForTheReplyToTheOneBefore() {
            Exchange exchange = exchange(1, 1_000_000, false, false);
            exchange.start();
            exchange.on(OK);
            assertThat(exchange.on(OK)).isInstanceOf(Exchange.Action.SendContent.class);
            assertThat(exchange.mayChunk()).isTrue();
            exchange.chunk(10, false);
            assertThat(exchange.mayChunk()).isFalse();
            assertThat(exchange.on(OK)).isInstanceOf(Exchange.Action.SendContent.class);
            exchange.chunk(10, true);
            assertThat(results(exchange.on(OK))).containsExactly(new RecipientResult.Delivered(OK));
        }

        /// RFC 3030 §2: "the sender-SMTP MUST NOT send any additional BDAT segments"
        @Test
        void isNotGoneOnWithAfterARefusedChunk() {
            Exchange exchange = exchange(1, 1_000_000, true, false);
            exchange.start();
            exchange.on(OK);
            exchange.on(OK);
            exchange.chunk(10, false);
            exchange.chunk(10, false);
            assertThat(exchange.on(LATER)).isInstanceOf(Exchange.Action.Await.class);
            assertThat(exchange.mayChunk()).isFalse();
            assertThat(exchange.contentRefused()).isTrue();
            assertThat(text(((Exchange.Action.Send) exchange.on(BAD)).lines())).containsExactly("RSET");
            assertThat(results(exchange.on(OK))).containsExactly(new RecipientResult.Refused(Stage.CONTENT, LATER));
        }

        @Test
        void isRefusedWhereOnlyAChunkThatWasSentLaterIsTaken() {
            Exchange exchange = exchange(1, 1_000_000, true, false);
            exchange.start();
            exchange.on(OK);
            exchange.on(OK);
            exchange.chunk(10, false);
            exchange.chunk(10, true);
            exchange.on(LATER);
            exchange.on(OK);
            assertThat(results(exchange.on(OK))).containsExactly(new RecipientResult.Refused(Stage.CONTENT, LATER));
        }
    }
}
