package org.mailrelay.delivery.conversation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.smtp.CommandText;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Reply;

/// One mail transaction: "send a group of commands, then expect that many replies" (RFC 2920 §3.1). Holds what was said so
/// far and nothing else; one event loop uses it.
public final class Exchange {

    public sealed interface Action {
        /// Send these lines in one group; their replies are owed in that order.
        record Send(List<byte[]> lines) implements Action {}
        /// A reply is still owed.
        record Await() implements Action {}
        /// Send the content and the final dot, then expect one reply.
        record SendContent() implements Action {}
        /// `keep`: the connection is in step and may carry another message.
        record Done(TransactionResult result, boolean keep) implements Action {}
    }

    private static final Action AWAIT = new Action.Await();
    private static final byte[] LONE_DOT = CommandText.line(".");

    private final Transaction transaction;
    private final PeerOffer offer;
    private final Deque<Stage> owed = new ArrayDeque<>();
    private final @Nullable RecipientResult[] results;
    private int asked;
    private int answered;
    private boolean mailAccepted;
    private boolean contentBegun;

    public Exchange(Transaction transaction, PeerOffer offer) {
        this.transaction = transaction;
        this.offer = offer;
        this.results = new RecipientResult[transaction.recipients().size()];
    }

    public Action start() {
        if (offer.sizeLimit().isPresent() && Long.compareUnsigned(transaction.trueSize(), offer.sizeLimit().getAsLong()) > 0) {
            return unfit(new EnhancedCode(5, 3, 4), "message of " + transaction.trueSize() + " octets, the host takes "
                    + Long.toUnsignedString(offer.sizeLimit().getAsLong()));   // RFC 1870 §6.1
        }
        if (transaction.eightBit() && !offer.eightBitMime()) {
            return unfit(new EnhancedCode(5, 6, 3), "8-bit content, and the host does not offer 8BITMIME");   // RFC 6152 §3
        }
        List<byte[]> lines = new ArrayList<>();
        lines.add(CommandText.mail(transaction.sender(), offer.sizeOffered() ? OptionalLong.of(transaction.trueSize()) : OptionalLong.empty(),
                transaction.eightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT));
        owed.add(Stage.MAIL);
        if (offer.pipelining()) {
            while (asked < results.length) {
                lines.add(rcpt());
            }
            lines.add(CommandText.line("DATA"));   // RFC 2920 §3.1: DATA may only come last in a group
            owed.add(Stage.DATA);
        }
        return new Action.Send(lines);
    }

    /// What is under way: the stage of the oldest reply owed.
    public Stage stage() {
        Stage stage = owed.peek();
        return stage == null ? Stage.IDLE : stage;
    }

    public int repliesOwed() {
        return owed.size();
    }

    public Action on(Reply reply) {
        Stage stage = owed.remove();
        if (reply.code() == 421) {   // RFC 5321 §3.8
            fill(new RecipientResult.Refused(stage, reply));
            return done(false);
        }
        boolean goAheadExpected = stage == Stage.DATA;
        if (reply.intermediate() && !(goAheadExpected && reply.code() == 354)) {
            return broken(stage, "unexpected reply " + reply.code());
        }
        return switch (stage) {
            case MAIL -> afterMail(reply);
            case RCPT -> afterRcpt(reply);
            case DATA -> afterData(reply);
            case END_OF_DATA -> afterContent(reply);
            case RSET -> done(reply.positive());
            case CONNECT, GREETING, EHLO, HELO, STARTTLS, HANDSHAKE, AUTH, AUTH_USER, AUTH_PASSWORD, IDLE, CONTENT, QUIT ->
                    throw new IllegalStateException("a transaction at " + stage);
        };
    }

    /// The connection ended, went silent or out of step. After the final dot nobody knows what the host did.
    public TransactionResult lost(Stage stage, String detail) {
        fill(stage == Stage.END_OF_DATA ? new RecipientResult.Ambiguous(detail) : new RecipientResult.Lost(stage, detail));
        return result();
    }

    private Action afterMail(Reply reply) {
        mailAccepted = reply.positive();
        if (!mailAccepted) {
            fill(new RecipientResult.Refused(Stage.MAIL, reply));
        }
        if (offer.pipelining()) {
            return AWAIT;
        }
        return mailAccepted ? new Action.Send(List.of(rcpt())) : done(true);
    }

    private Action afterRcpt(Reply reply) {
        int index = answered++;
        if (!reply.positive() && results[index] == null) {
            results[index] = new RecipientResult.Refused(Stage.RCPT, reply);
        }
        if (offer.pipelining()) {
            return AWAIT;
        }
        if (asked < results.length) {
            return new Action.Send(List.of(rcpt()));
        }
        return anyAccepted() ? send(Stage.DATA, CommandText.line("DATA")) : reset();
    }

    private Action afterData(Reply reply) {
        if (reply.code() == 354) {
            if (anyAccepted()) {
                owed.add(Stage.END_OF_DATA);
                contentBegun = true;
                return new Action.SendContent();
            }
            return send(Stage.END_OF_DATA, LONE_DOT);   // RFC 2920 §3.1: the 354 must be answered; its result is nobody's
        }
        if (reply.positive()) {
            return broken(Stage.DATA, "unexpected reply " + reply.code());
        }
        fill(new RecipientResult.Refused(Stage.DATA, reply));
        return mailAccepted ? reset() : done(true);
    }

    private Action afterContent(Reply reply) {
        fill(contentBegun && reply.positive() ? new RecipientResult.Delivered(reply) : new RecipientResult.Refused(Stage.END_OF_DATA, reply));
        return done(true);
    }

    private Action reset() {
        return send(Stage.RSET, CommandText.line("RSET"));
    }

    private Action broken(Stage stage, String detail) {
        return new Action.Done(lost(stage, detail), false);
    }

    private Action send(Stage stage, byte[] line) {
        owed.add(stage);
        return new Action.Send(List.of(line));
    }

    private byte[] rcpt() {
        owed.add(Stage.RCPT);
        return CommandText.rcpt(transaction.recipients().get(asked++).mailbox());
    }

    private boolean anyAccepted() {
        return mailAccepted && Arrays.asList(results).contains(null);
    }

    private Action unfit(EnhancedCode code, String words) {
        fill(new RecipientResult.Unfit(code, words));
        return done(true);
    }

    /// Every recipient that has no result yet gets this one.
    private void fill(RecipientResult result) {
        for (int i = 0; i < results.length; i++) {
            if (results[i] == null) {
                results[i] = result;
            }
        }
    }

    private Action done(boolean keep) {
        return new Action.Done(result(), keep);
    }

    private TransactionResult result() {
        return new TransactionResult(Arrays.stream(results).map(Objects::requireNonNull).toList());
    }
}
