package org.mailrelay.delivery.conversation;

import java.util.List;

/// A result for each recipient, in the transaction's order.
///
/// @param dsnPassedOn the host was told what the sender wants to hear (RFC 3461 §5.2.1): what it took it reports on itself
public record TransactionResult(List<RecipientResult> recipients, boolean dsnPassedOn) {

    public TransactionResult {
        recipients = List.copyOf(recipients);
    }

    /// Of a host that was told nothing of it.
    public TransactionResult(List<RecipientResult> recipients) {
        this(recipients, false);
    }
}
