package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.smtp.OurReplies;

/// STARTTLS (RFC 3207 §4). Inside a transaction it is refused: nothing said in the clear is carried over.
final class StartTlsCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("STARTTLS");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        if (session.isTLSStarted()) {
            return new Reaction.Answer(OurReplies.TLS_ALREADY_ON);
        }
        if (!session.mayStartTls()) {
            return new Reaction.Answer(OurReplies.COMMAND_NOT_OFFERED);
        }
        return session.message().isPresent() ? new Reaction.Answer(OurReplies.TRANSACTION_OPEN) : new Reaction.StartTls(OurReplies.READY_FOR_TLS);
    }
}
