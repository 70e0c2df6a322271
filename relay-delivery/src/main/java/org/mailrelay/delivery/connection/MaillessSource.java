package org.mailrelay.delivery.connection;

import java.util.Optional;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;

/// Whoever opens a connection to see what a host shows, and has no mail for it: what is left to say is what became of it.
public interface MaillessSource extends TransactionSource {

    @Override
    default Optional<Transaction> next(OutboundConnection connection) {
        return Optional.empty();
    }

    @Override
    default Optional<Transaction> following(OutboundConnection connection) {
        return Optional.empty();
    }

    @Override
    default void settled(OutboundConnection connection, Transaction transaction, TransactionResult result) {
        throw new IllegalStateException("no message was given");
    }
}
