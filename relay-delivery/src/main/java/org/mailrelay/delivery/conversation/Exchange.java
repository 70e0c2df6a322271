package org.mailrelay.delivery.conversation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.smtp.CommandText;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;

/// One mail transaction: "send a group of commands, then expect that many replies" (RFC 2920 §3.1). Holds what was said so
/// far and nothing else; one event loop uses it.
///
/// The content goes out in one of two ways. With BDAT (RFC 3030 §2) where CHUNKING is offered and no dot was stuffed, so that the
/// stored octets serve as they are; a small one then goes in the group of MAIL and RCPT, unasked: one round trip a message, at the
/// price that a refused message was sent for nothing. Else with DATA: dots are stuffed in one message of many, and to take them out
/// again would save that one nothing but the reply to DATA.
public final class Exchange {

    /// Octets. What may be sent before the host has said that it wants it.
    static final int UNASKED = 64 * 1024;

    public sealed interface Action {
        /// Send these lines in one group; their replies are owed in that order.
        record Send(List<byte[]> lines) implements Action {}
        /// A reply is still owed.
        record Await() implements Action {}
        /// Send these lines and behind them the content: in chunks where [Exchange#chunked], else ended by the final dot. When
        /// it comes again, the content goes on where it stood.
        record SendContent(List<byte[]> before) implements Action {}
        /// `keep`: the connection is in step and may carry another message.
        record Done(TransactionResult result, boolean keep) implements Action {}
    }

    private enum Way { DATA, CHUNKS, CHUNKS_UNASKED }

    private static final Action AWAIT = new Action.Await();
    private static final Action CONTENT = new Action.SendContent(List.of());
    private static final byte[] LONE_DOT = CommandText.line(".");

    private final Transaction transaction;
    private final PeerOffer offer;
    private final EnvelopeRules rules;
    private final Way way;
    private final Deque<Stage> owed = new ArrayDeque<>();
    private final @Nullable RecipientResult[] results;
    /// The places of those that the host can be asked to take.
    private final int[] fit;
    private int asked;
    private int answered;
    private boolean mailAccepted;
    private boolean contentBegun;
    private boolean contentLeft;
    private boolean contentRefused;

    public Exchange(Transaction transaction, PeerOffer offer) {
        this(transaction, offer, Optional.empty());
    }

    /// @param unconverted why content that the host cannot take was not converted
    public Exchange(Transaction transaction, PeerOffer offer, Optional<String> unconverted) {
        this.transaction = transaction;
        this.offer = offer;
        this.rules = new EnvelopeRules(transaction, offer, unconverted);
        this.way = way();
        this.results = new RecipientResult[transaction.recipients().size()];
        this.fit = fit();
    }

    private int[] fit() {
        int[] places = new int[results.length];
        int count = 0;
        for (int place = 0; place < results.length; place++) {
            results[place] = rules.unfit(transaction.recipients().get(place)).orElse(null);
            if (results[place] == null) {
                places[count++] = place;
            }
        }
        return count == places.length ? places : Arrays.copyOf(places, count);
    }

    private Way way() {
        WireBody body = transaction.body();
        if (!offer.offers(Keyword.CHUNKING) || transaction.content().stuffedDots() > 0 && !rules.binary()) {
            return Way.DATA;
        }
        return offer.pipelining() && body.inMemory() && body.length() <= UNASKED ? Way.CHUNKS_UNASKED : Way.CHUNKS;
    }

    public Action start() {
        Optional<RecipientResult.Unfit> unfit = rules.unfit();
        if (unfit.isPresent() || fit.length == 0) {
            unfit.ifPresent(this::fill);
            return done(true);
        }
        List<byte[]> lines = new ArrayList<>(fit.length + 2);
        lines.add(rules.mail());
        owed.add(Stage.MAIL);
        if (!offer.pipelining()) {
            return new Action.Send(lines);
        }
        while (asked < fit.length) {
            lines.add(rcpt());
        }
        return switch (way) {
            case DATA -> {
                lines.add(CommandText.line("DATA"));   // RFC 2920 §3.1: DATA may only come last in a group
                owed.add(Stage.DATA);
                yield new Action.Send(lines);
            }
            case CHUNKS -> new Action.Send(lines);
            case CHUNKS_UNASKED -> {
                contentBegun = true;
                yield new Action.SendContent(lines);
            }
        };
    }

    /// True where [Action.SendContent] means chunks, each with the command that [#chunk] gives in front.
    public boolean chunked() {
        return way != Way.DATA;
    }

    /// True where the stuffed dots must come out again: binary content, which only chunks carry, goes as it came (RFC 3030 §3).
    public boolean unstuffs() {
        return chunked() && transaction.content().stuffedDots() > 0;
    }

    /// True where the content was sent before the host had a chance to refuse it.
    public boolean unasked() {
        return way == Way.CHUNKS_UNASKED;
    }

    /// True while another chunk may be sent: without PIPELINING each waits for the reply to the one before, and after a refused
    /// one there is no other (RFC 3030 §2: "the sender-SMTP MUST NOT send any additional BDAT segments").
    public boolean mayChunk() {
        return !contentRefused && (offer.pipelining() || owed.isEmpty());
    }

    /// The command in front of the next chunk of so many octets; its reply is owed from now on.
    public byte[] chunk(long octets, boolean last) {
        owed.add(last ? Stage.END_OF_DATA : Stage.CONTENT);
        return CommandText.bdat(octets, last);
    }

    /// The whole content has left for the socket: from here on nobody but the host knows what became of it.
    public void contentLeft() {
        contentLeft = true;
    }

    /// True once the host wants no more of the content.
    public boolean contentRefused() {
        return contentRefused;
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
            case CONTENT -> afterChunk(reply);
            case END_OF_DATA -> chunked() ? afterLastChunk(reply) : afterContent(reply);
            case RSET -> done(reply.positive());
            case CONNECT, GREETING, EHLO, HELO, STARTTLS, HANDSHAKE, AUTH, AUTH_USER, AUTH_PASSWORD, IDLE, QUIT ->
                    throw new IllegalStateException("a transaction at " + stage);
        };
    }

    /// The connection ended, went silent or out of step. Once the content has left nobody knows what the host did.
    public TransactionResult lost(Stage stage, String detail) {
        for (int i = 0; i < fit.length; i++) {
            if (results[fit[i]] == null) {
                results[fit[i]] = contentLeft ? new RecipientResult.Ambiguous(mailAccepted && i < answered, detail) : new RecipientResult.Lost(stage, detail);
            }
        }
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
        if (!reply.positive() && results[fit[index]] == null) {
            results[fit[index]] = tooMany(reply) && anyAccepted(index) ? new RecipientResult.TooMany(reply) : new RecipientResult.Refused(Stage.RCPT, reply);
        }
        if (!offer.pipelining() && asked < fit.length) {
            return new Action.Send(List.of(rcpt()));
        }
        boolean following = offer.pipelining() && way != Way.CHUNKS;
        if (answered < fit.length || following) {
            return AWAIT;
        }
        if (!mailAccepted) {
            return done(true);
        }
        if (!anyAccepted(fit.length)) {
            return reset();
        }
        if (chunked()) {
            contentBegun = true;
            return CONTENT;
        }
        return send(Stage.DATA, CommandText.line("DATA"));
    }

    /// RFC 5321 §4.5.3.1.10: 452, or 552 of an older host. With an enhanced code that speaks of something else it means that.
    private static boolean tooMany(Reply reply) {
        return (reply.code() == 452 || reply.code() == 552) && reply.enhancedCode().map(code -> code.subject() == 5 && code.detail() == 3).orElse(true);
    }

    private Action afterData(Reply reply) {
        if (reply.code() == 354) {
            if (anyAccepted(fit.length)) {
                owed.add(Stage.END_OF_DATA);
                contentBegun = true;
                return CONTENT;
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

    private Action afterChunk(Reply reply) {
        if (!reply.positive() || contentRefused) {
            return refuseContent(Stage.CONTENT, reply);
        }
        return offer.pipelining() ? AWAIT : CONTENT;
    }

    private Action afterLastChunk(Reply reply) {
        if (!reply.positive() || contentRefused) {
            return refuseContent(Stage.END_OF_DATA, reply);
        }
        fill(new RecipientResult.Delivered(reply));   // a body that no accepted recipient waits for is nobody's: all have a result by now
        return mailAccepted ? done(true) : reset();
    }

    /// The chunks behind a refused one are answered too, and discarded (RFC 3030 §2). What the host makes of the transaction
    /// then is not said anywhere: RSET makes it certain.
    private Action refuseContent(Stage stage, Reply reply) {
        contentRefused = true;
        fill(new RecipientResult.Refused(stage, reply));
        return owed.isEmpty() ? reset() : AWAIT;
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
        return rules.rcpt(transaction.recipients().get(fit[asked++]));
    }

    /// Among the first `count` that were asked.
    private boolean anyAccepted(int count) {
        for (int i = 0; mailAccepted && i < count; i++) {
            if (results[fit[i]] == null) {
                return true;
            }
        }
        return false;
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

    /// Too many is no refusal only where the others got through: else the same would be tried at once, again and again.
    private TransactionResult result() {
        boolean delivered = false;
        for (RecipientResult result : results) {
            delivered |= result instanceof RecipientResult.Delivered;
        }
        List<RecipientResult> all = new ArrayList<>(results.length);
        for (RecipientResult result : results) {
            all.add(result instanceof RecipientResult.TooMany(Reply reply) && !delivered ? new RecipientResult.Refused(Stage.RCPT, reply) : Objects.requireNonNull(result));
        }
        return new TransactionResult(all, rules.passesReportsOn());
    }
}
