package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mailrelay.core.smtp.ProtocolError;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.delivery.conversation.Exchange;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.PeerOffer;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.delivery.conversation.WireBody;

/// Carries messages, performing the actions of one [Exchange] after the other.
///
/// Where PIPELINING is offered, the end of one message and the commands of the next form one group (RFC 2920 §3.1: the
/// content may be the first of a group): then two exchanges are under way, and replies belong to the first until it is done.
final class CarryingPhase implements Phase {

    private final Link link;
    private final PeerOffer offer;
    private final BooleanSupplier midReply;
    private final Deque<Carried> underWay = new ArrayDeque<>(2);
    private int begun;

    /// @param midReply true when octets of an unfinished reply have come
    CarryingPhase(Link link, PeerOffer offer, BooleanSupplier midReply) {
        this.link = link;
        this.offer = offer;
        this.midReply = midReply;
    }

    /// Asks the source for the next message; with none, waits for [OutboundConnection#wake].
    @Override
    public void wake() {
        while (!link.leaving() && underWay.isEmpty()) {
            if (full()) {
                link.leave(true);
                return;
            }
            if (midReply.getAsBoolean()) {
                outOfStep(ProtocolError.UNEXPECTED_BYTES);
                return;
            }
            Optional<Transaction> next = link.source().next(link.handle());
            if (next.isEmpty()) {
                link.await(Stage.IDLE);
                return;
            }
            begin(next.get());
            awaitFirst();
        }
        if (!link.leaving()) {
            link.out().flush();
        }
    }

    @Override
    public Stage stage() {
        return underWay.isEmpty() ? Stage.IDLE : underWay.getFirst().stage();
    }

    @Override
    public int repliesOwed() {
        int owed = 0;
        for (Carried each : underWay) {
            if (each.repliesOwed() == 0) {
                return owed;   // what stands behind it is not on its way yet
            }
            owed += each.repliesOwed();
        }
        return owed;
    }

    @Override
    public void answered(Reply reply, boolean more) {
        Carried first = underWay.getFirst();
        boolean surplus = more && repliesOwed() == 1;
        Exchange.Action next = first.exchange.on(reply);
        if (first.body != null && first.exchange.contentRefused()) {
            first.body.stop();
        }
        if (!surplus) {
            perform(first, next);
            awaitFirst();
            wake();
        } else if (next instanceof Exchange.Action.Done(TransactionResult result, _)) {
            settle(first, result);
            link.leave(false);
        } else {
            outOfStep(ProtocolError.UNEXPECTED_BYTES);
        }
    }

    @Override
    public void closing(Reply reply) {
        lost(reply.toString());
        link.leave(false);
    }

    @Override
    public void outOfStep(ProtocolError error) {
        lost(error.words());
        link.leave(false);
    }

    @Override
    public void lost(String detail) {
        while (!underWay.isEmpty()) {
            Carried each = underWay.getFirst();
            settle(each, each.exchange.lost(each.stage(), detail));
        }
    }

    @Override
    public void writable() {
        if (!underWay.isEmpty()) {
            Carried first = underWay.getFirst();
            if (first.body != null && first.sendingBody()) {
                link.await(Stage.CONTENT);
                first.body.pump();
            }
        }
    }

    private boolean full() {
        return link.handle().finishing() || begun >= Math.min(link.plan().messagesPerConnection(), offer.mailMax());
    }

    private void begin(Transaction transaction) {
        begun++;
        Carried next = new Carried(transaction, offer);
        underWay.add(next);
        link.around().log().deliveryStarted(link.about(), transaction.mid(), transaction);
        if (SevenBitBody.needed(transaction, offer)) {
            prepare(next);
        } else {
            perform(next, next.exchange.start());
        }
    }

    /// Content that the host cannot take as it is (RFC 6152 §3) is looked at before a word is said of it.
    private void prepare(Carried next) {
        next.preparing = true;
        if (next.transaction.body().inMemory()) {
            try {
                next.prepared(SevenBitBody.prepare(next.transaction), offer);
            } catch (IOException unreadable) {
                throw new IllegalStateException("memory that cannot be read", unreadable);
            }
            perform(next, next.exchange.start());
            return;
        }
        link.around().readers().execute(() -> {
            try {
                SevenBitBody.Prepared prepared = SevenBitBody.prepare(next.transaction);
                link.context().executor().execute(() -> prepared(next, prepared));
            } catch (IOException unreadable) {
                link.context().executor().execute(() -> {
                    if (!next.settled) {
                        damaged(unreadable);
                    }
                });
            }
        });
    }

    private void prepared(Carried next, SevenBitBody.Prepared prepared) {
        if (!next.settled) {
            next.prepared(prepared, offer);
            perform(next, next.exchange.start());
            awaitFirst();
            wake();
            link.out().flush();
        }
    }

    private void perform(Carried carried, Exchange.Action action) {
        switch (action) {
            case Exchange.Action.Send(List<byte[]> lines) -> link.say(lines);
            case Exchange.Action.Await _ -> { }
            case Exchange.Action.SendContent(List<byte[]> before) -> {
                link.say(before);
                if (carried.body == null) {
                    carried.body = new BodySender(link, body(carried), framing(carried.exchange), () -> bodyAdded(carried), this::damaged);
                }
                carried.body.pump();
            }
            case Exchange.Action.Done(TransactionResult result, boolean keep) -> {
                settle(carried, result);
                if (!keep) {
                    lost("the connection is given up");
                    link.leave(false);
                }
            }
        }
    }

    private static WireBody body(Carried carried) {
        Transaction transaction = carried.sent;
        return carried.exchange.unstuffs() ? new UnstuffedBody(transaction.body(), transaction.content().stuffedDots()) : transaction.body();
    }

    private Framing framing(Exchange exchange) {
        return exchange.chunked() ? new Framing.Chunks(exchange, link::say) : new Framing.FinalDot();
    }

    /// The end of the content is gathered and not yet flushed: what is added now goes out with it. Behind content that nobody asked
    /// for nothing goes along: a connection that is lost then would leave two messages in doubt.
    private void bodyAdded(Carried sent) {
        link.out().whenLeft(() -> {
            sent.contentLeft();
            awaitFirst();
        });
        if (offer.pipelining() && !sent.exchange.unasked() && underWay.size() == 1 && !full()) {
            link.source().following(link.handle()).ifPresent(this::begin);
        }
    }

    /// The end is withheld: a damaged spool never becomes a delivered message.
    private void damaged(IOException unreadable) {
        lost("content unreadable: " + unreadable.getMessage());
        link.leave(false);
    }

    private void awaitFirst() {
        if (!link.leaving() && !underWay.isEmpty()) {
            link.await(stage());
        }
    }

    private void settle(Carried done, TransactionResult result) {
        underWay.remove(done);
        done.settled = true;
        link.around().log().transactionTook(link.about(), done.transaction.mid(), link.took());
        if (done.body != null) {
            done.body.stop();
        } else {
            done.transaction.body().close();
        }
        tellFailure(result);
        link.source().settled(link.handle(), done.transaction, result);
    }

    private void tellFailure(TransactionResult result) {
        for (RecipientResult one : result.recipients()) {
            if (!(one instanceof RecipientResult.Delivered) && failure(one).isPresent()) {
                link.cameToNothing(failure(one).get());
                return;
            }
        }
    }

    /// What a failed conversation is kept under: the first answer that stopped a recipient.
    private static Optional<HostFailure> failure(RecipientResult result) {
        return switch (result) {
            case RecipientResult.Refused(Stage stage, Reply reply) -> Optional.of(new HostFailure.Refused(stage, reply));
            case RecipientResult.Lost(Stage stage, String detail) -> Optional.of(new HostFailure.Lost(stage, detail));
            case RecipientResult.Ambiguous(_, String detail) -> Optional.of(new HostFailure.Lost(Stage.END_OF_DATA, detail));
            case RecipientResult.Delivered _, RecipientResult.Unfit _, RecipientResult.TooMany _ -> Optional.empty();
        };
    }
}
