package org.mailrelay.listener;

import java.util.Optional;
import org.apache.james.protocols.smtp.hook.Hook;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.smtp.OurReply;

/// Asked for every recipient, in the chain's order; the first refusal stands. James's own hook knows recipients as a type that
/// loses the brackets of literals and completes addresses by itself, so this one has ours.
interface RecipientHook extends Hook {

    Optional<OurReply> refusal(Session session, InboundMessage message, Mailbox recipient);
}
