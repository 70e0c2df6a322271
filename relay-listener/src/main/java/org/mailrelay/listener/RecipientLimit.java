package org.mailrelay.listener;

import java.util.Optional;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// RFC 5321 §4.5.3.1.10: 452 for each recipient beyond the limit; those before it stay.
final class RecipientLimit implements RecipientHook {

    @Override
    public Optional<OurReply> refusal(Session session, InboundMessage message, Mailbox recipient) {
        boolean full = message.recipients.size() >= session.peer().policy().limits().recipientsPerMessage();
        return full ? Optional.of(OurReplies.TOO_MANY_RECIPIENTS) : Optional.empty();
    }
}
