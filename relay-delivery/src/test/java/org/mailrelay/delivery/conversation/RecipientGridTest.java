package org.mailrelay.delivery.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;

/// Every answer to every command of a transaction with two recipients, on every way of sending it: each recipient gets the word that was meant for it,
/// none is delivered that was not accepted, none is lost that was (R-TXN-4, R-TXN-5, R-TXN-8, R-TXN-9).
class RecipientGridTest {

    private static final Reply OK = Reply.of(250, "2.0.0 ok");
    private static final Reply GO = Reply.of(354, "go");
    private static final Reply LATER = Reply.of(451, "4.3.0 later");
    private static final Reply NO = Reply.of(550, "5.1.1 no");
    private static final Reply CLOSING = Reply.of(421, "4.3.2 bye");
    private static final List<Reply> KINDS = List.of(OK, LATER, NO, CLOSING);

    /// What the host would say to MAIL, both RCPT, DATA, and the end of the content.
    private record Host(Reply mail, List<Reply> rcpt, Reply data, Reply end) {}

    private final List<Stage> answered = new ArrayList<>();
    private boolean closing;
    private boolean contentSent;

    @ParameterizedTest
    @CsvSource({"true,false", "false,false", "true,true", "false,true"})
    void eachRecipientGetsItsWord(boolean pipelining, boolean chunking) {
        for (int i = 0; i < 1024; i++) {
            Host host = new Host(kind(i), List.of(kind(i >> 2), kind(i >> 4)), kind(i >> 6), kind(i >> 8));
            check(host, pipelining, chunking);
        }
    }

    private static Reply kind(int bits) {
        return KINDS.get(bits & 3);
    }

    private void check(Host host, boolean pipelining, boolean chunking) {
        answered.clear();
        closing = false;
        contentSent = false;
        Set<Keyword> offered = EnumSet.of(Keyword.SIZE);
        if (pipelining) {
            offered.add(Keyword.PIPELINING);
        }
        if (chunking) {
            offered.add(Keyword.CHUNKING);
        }
        Exchange exchange = new Exchange(ExchangeTest.message(2, 10, false, 0, true), new PeerOffer(true, offered, OptionalLong.empty()));
        Exchange.Action action = exchange.start();
        int rcpt = 0;
        while (!(action instanceof Exchange.Action.Done)) {
            if (action instanceof Exchange.Action.SendContent) {
                contentSent = true;
                if (exchange.chunked()) {
                    exchange.chunk(10, true);
                }
            }
            Stage stage = exchange.stage();
            answered.add(stage);
            Reply reply = switch (stage) {
                case MAIL -> host.mail();
                case RCPT -> host.rcpt().get(rcpt++);
                case DATA -> host.data() == OK ? GO : host.data();
                case END_OF_DATA -> host.end();
                default -> OK;   // RSET
            };
            closing |= reply == CLOSING;
            action = exchange.on(reply);
        }
        Exchange.Action.Done done = (Exchange.Action.Done) action;
        String what = host + " pipelining " + pipelining + " chunking " + chunking;
        assertThat(done.keep()).as(what).isEqualTo(!closing);
        for (int rid = 0; rid < 2; rid++) {
            boolean content = chunking || host.data() == OK;
            boolean delivered = host.mail() == OK && host.rcpt().get(rid) == OK && content && host.end() == OK && !stoppedBefore(host, rid);
            RecipientResult result = done.result().recipients().get(rid);
            assertThat(result instanceof RecipientResult.Delivered).as("RID %d of %s", rid, what).isEqualTo(delivered);
            if (!delivered) {
                Reply said = ((RecipientResult.Refused) result).reply();
                assertThat(said).as("RID %d of %s", rid, what).isEqualTo(word(host, rid, chunking));
            }
        }
        boolean somebody = host.mail() == OK && !host.rcpt().contains(CLOSING) && host.rcpt().contains(OK);
        boolean unasked = pipelining && chunking;
        assertThat(contentSent).as("content is sent for somebody alone, but for what goes unasked: " + what).isEqualTo(unasked || somebody && (chunking || host.data() == OK));
    }

    /// A 421 to another recipient's command ends it for all that are not answered yet.
    private static boolean stoppedBefore(Host host, int rid) {
        return host.rcpt().get(1 - rid) == CLOSING;
    }

    /// The first answer that concerned this recipient.
    private static Reply word(Host host, int rid, boolean chunking) {
        if (host.mail() != OK) {
            return host.mail();
        }
        if (rid == 1 && host.rcpt().get(0) == CLOSING) {
            return CLOSING;
        }
        if (host.rcpt().get(rid) != OK) {
            return host.rcpt().get(rid);
        }
        if (rid == 0 && host.rcpt().get(1) == CLOSING) {
            return CLOSING;
        }
        return !chunking && host.data() != OK ? host.data() : host.end();
    }
}
