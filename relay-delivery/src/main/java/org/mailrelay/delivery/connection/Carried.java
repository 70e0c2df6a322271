package org.mailrelay.delivery.connection;

import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.Exchange;
import org.mailrelay.delivery.conversation.PeerOffer;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transaction;

/// One message under way on a connection. Event loop only.
final class Carried {
    /// As the source gave it.
    final Transaction transaction;
    /// As it is sent: the same, or one with converted content.
    Transaction sent;
    Exchange exchange;
    @Nullable BodySender body;
    boolean contentLeft;
    /// It is still looked at whether the content can be converted.
    boolean preparing;
    boolean settled;

    Carried(Transaction transaction, PeerOffer offer) {
        this.transaction = transaction;
        this.sent = transaction;
        this.exchange = new Exchange(transaction, offer);
    }

    void prepared(SevenBitBody.Prepared prepared, PeerOffer offer) {
        preparing = false;
        sent = prepared.transaction();
        exchange = new Exchange(sent, offer, prepared.hindrance());
    }

    /// Until the end of the content has left for the socket. What is lost before that was certainly not accepted; to call it
    /// ambiguous would lose mail where the operator assumes such mail delivered.
    boolean sendingBody() {
        return body != null && !contentLeft && !exchange.contentRefused();
    }

    /// The final dot, or the last octet of the last chunk, is with the socket.
    void contentLeft() {
        contentLeft = true;
        exchange.contentLeft();
    }

    /// A chunk's command is answered like any other; behind DATA nothing is owed until the final dot has left.
    int repliesOwed() {
        return sendingBody() && !exchange.chunked() ? 0 : exchange.repliesOwed();
    }

    Stage stage() {
        return preparing || sendingBody() ? Stage.CONTENT : exchange.stage();
    }
}
