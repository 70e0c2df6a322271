package org.mailrelay.listener;

import java.util.Optional;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// Recipients are for those whom the access decision lets relay: no form of an address changes that (the relay hosts no domain).
final class RelayRights implements RecipientHook {

    @Override
    public Optional<OurReply> refusal(Session session, InboundMessage message, Mailbox recipient) {
        return session.isRelayingAllowed() ? Optional.empty() : Optional.of(OurReplies.RELAYING_DENIED);
    }
}
