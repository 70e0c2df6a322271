package org.mailrelay.delivery.conversation;

import java.util.List;

/// A result for each recipient, in the transaction's order.
public record TransactionResult(List<RecipientResult> recipients) {

    public TransactionResult {
        recipients = List.copyOf(recipients);
    }
}
