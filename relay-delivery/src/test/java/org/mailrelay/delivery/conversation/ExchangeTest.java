package org.mailrelay.delivery.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;

class ExchangeTest {

    private static final Reply OK = Reply.of(250, "2.0.0 ok");
    private static final Reply GO = Reply.of(354, "go");
    private static final Reply NO = Reply.of(550, "5.1.1 no such user");

    private static Transaction message(int recipients, long size, boolean eightBit) {
        return message(recipients, size, eightBit, 1, true);
    }

    static Transaction message(int recipients, long size, boolean eightBit, long stuffedDots, boolean inMemory) {
        WireBody empty = new WireBody() {
            @Override
            public boolean inMemory() {
                return inMemory;
            }

            @Override
            public long length() {
                return size;
            }

            @Override
            public @Nullable ByteBuffer next(int most) {
                return null;
            }

            @Override
            public WireBody again() {
                return this;
            }

            @Override
            public void close() {
            }
        };
        return new Transaction(new Mid(14), ReversePath.of("a@example.net"), MailParameters.NONE,
                IntStream.range(0, recipients).mapToObj(i -> new Transaction.Addressee(i, Recipient.of("r" + i + "@example.com"))).toList(),
                new Content(size, stuffedDots, eightBit, Optional.empty(), Optional.empty()), Instant.EPOCH, empty);
    }

    private static PeerOffer offer(boolean pipelining) {
        return new PeerOffer(true, pipelining ? Set.of(Keyword.PIPELINING, Keyword.EIGHTBITMIME, Keyword.SIZE) : Set.of(Keyword.EIGHTBITMIME, Keyword.SIZE), OptionalLong.of(1000));
    }

    private static Exchange.Action after(Exchange exchange, Reply... replies) {
        Exchange.Action action = exchange.start();
        for (Reply reply : replies) {
            action = exchange.on(reply);
        }
        return action;
    }

    private static List<String> lines(Exchange.Action action) {
        return ((Exchange.Action.Send) action).lines().stream().map(l -> new String(l, StandardCharsets.US_ASCII)).toList();
    }

    private static List<RecipientResult> results(Exchange.Action action) {
        return ((Exchange.Action.Done) action).result().recipients();
    }

    @Test
    void R_PIPE_2_oneGroupWherePipeliningIsOffered() {
        assertThat(lines(new Exchange(message(2, 10, false), offer(true)).start())).containsExactly("MAIL FROM:<a@example.net> SIZE=10\r\n",
                "RCPT TO:<r0@example.com>\r\n", "RCPT TO:<r1@example.com>\r\n", "DATA\r\n");
    }

    @Test
    void oneCommandAtATimeWhereItIsNot() {
        Exchange exchange = new Exchange(message(1, 10, false), offer(false));
        assertThat(lines(exchange.start())).hasSize(1);
        assertThat(lines(exchange.on(OK))).containsExactly("RCPT TO:<r0@example.com>\r\n");
        assertThat(lines(exchange.on(OK))).containsExactly("DATA\r\n");
        assertThat(exchange.on(GO)).isInstanceOf(Exchange.Action.SendContent.class);
        assertThat(results(exchange.on(OK))).containsExactly(new RecipientResult.Delivered(OK));
    }

    @Test
    void R_TXN_4_goesOnWithTheAcceptedRecipients() {
        assertThat(results(after(new Exchange(message(2, 10, false), offer(true)), OK, NO, OK, GO, OK)))
                .containsExactly(new RecipientResult.Refused(Stage.RCPT, NO), new RecipientResult.Delivered(OK));
    }

    @Test
    void R_TXN_4_aGoAheadForNobodyIsAnsweredWithALoneDot() {
        Exchange exchange = new Exchange(message(1, 10, false), offer(true));
        assertThat(lines(after(exchange, OK, NO, GO))).containsExactly(".\r\n");
        assertThat(results(exchange.on(OK))).containsExactly(new RecipientResult.Refused(Stage.RCPT, NO));
    }

    @Test
    void R_TXN_4_452BehindAcceptedRecipientsIsNoRefusalOfTheRest() {
        Reply full = Reply.of(452, "4.5.3 too many recipients");
        Reply old = Reply.of(552, "too many recipients");
        assertThat(results(after(new Exchange(message(3, 10, false), offer(true)), OK, OK, full, old, GO, OK)))
                .containsExactly(new RecipientResult.Delivered(OK), new RecipientResult.TooMany(full), new RecipientResult.TooMany(old));
    }

    @Test
    void R_TXN_4_452IsARefusalWhereItMeansSomethingElseOrNobodyGotThrough() {
        Reply full = Reply.of(452, "4.5.3 too many recipients");
        Reply disk = Reply.of(452, "4.3.1 no space");
        assertThat(results(after(new Exchange(message(2, 10, false), offer(true)), OK, full, OK, GO, OK)))
                .as("before any was accepted").containsExactly(new RecipientResult.Refused(Stage.RCPT, full), new RecipientResult.Delivered(OK));
        assertThat(results(after(new Exchange(message(2, 10, false), offer(true)), OK, OK, disk, GO, OK)))
                .as("another meaning").containsExactly(new RecipientResult.Delivered(OK), new RecipientResult.Refused(Stage.RCPT, disk));
        assertThat(results(after(new Exchange(message(2, 10, false), offer(true)), OK, OK, full, GO, NO)))
                .as("the message itself was refused").containsExactly(new RecipientResult.Refused(Stage.END_OF_DATA, NO), new RecipientResult.Refused(Stage.RCPT, full));
    }

    @Test
    void R_TXN_5_421AnywhereEndsTheConnection() {
        Reply closing = Reply.of(421, "bye");
        Exchange.Action action = after(new Exchange(message(2, 10, false), offer(true)), OK, OK, closing);
        assertThat(results(action)).containsOnly(new RecipientResult.Refused(Stage.RCPT, closing));
        assertThat(((Exchange.Action.Done) action).keep()).isFalse();
    }

    @Test
    void R_TXN_8_lostAfterTheDotIsAmbiguousAndNeverSuccess() {
        Exchange exchange = new Exchange(message(1, 10, false), offer(true));
        after(exchange, OK, OK, GO);
        exchange.contentLeft();
        assertThat(exchange.lost(exchange.stage(), "closed").recipients()).containsExactly(new RecipientResult.Ambiguous(true, "closed"));
    }

    @Test
    void R_TXN_12_tooBigIsNeverAsked() {
        assertThat(results(new Exchange(message(1, 1001, false), offer(true)).start()).getFirst())
                .isInstanceOfSatisfying(RecipientResult.Unfit.class, unfit -> assertThat(unfit.code().toString()).isEqualTo("5.3.4"));
    }

    @Test
    void R_8BIT_1_eightBitContentNeeds8BitMime() {
        PeerOffer sevenBit = new PeerOffer(true, Set.of(Keyword.PIPELINING, Keyword.SIZE), OptionalLong.empty());
        assertThat(results(new Exchange(message(1, 10, true), sevenBit).start()).getFirst())
                .isInstanceOfSatisfying(RecipientResult.Unfit.class, unfit -> assertThat(unfit.code().toString()).isEqualTo("5.6.3"));
    }

    @Test
    void B_STATE_aRefusedMailIsFollowedByTheRepliesStillOwed() {
        Reply bad = Reply.of(503, "bad sequence");
        assertThat(results(after(new Exchange(message(1, 10, false), offer(true)), NO, bad, bad)))
                .containsExactly(new RecipientResult.Refused(Stage.MAIL, NO));
    }

    /// R-RPL-11, R-TXN-10.
    @Test
    void aReplyOutOfPlaceEndsTheConnection() {
        Exchange.Action action = after(new Exchange(message(1, 10, false), offer(true)), GO);
        assertThat(((Exchange.Action.Done) action).keep()).isFalse();
    }
}
