package org.mailrelay.listener;

import java.util.Optional;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// `recipient_rate`: 452 for each recipient beyond it; those before it stay. Asked last, so that only recipients that are taken count.
final class RecipientRate implements RecipientHook {

    @Override
    public Optional<OurReply> refusal(Session session, InboundMessage message, Mailbox recipient) {
        if (session.meter().recipient()) {
            return Optional.empty();
        }
        session.receivingFailed(ReceivingFailure.RATE);
        return Optional.of(OurReplies.RATE_EXCEEDED);
    }
}
